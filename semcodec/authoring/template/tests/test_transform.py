# if transform
from semcodec.testing import TransformTests

from semcodec_acme.transform import Hadamard


class TestHadamard(TransformTests):
    component = Hadamard
    configurations = ({},)
# end
