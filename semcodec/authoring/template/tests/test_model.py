# if model
from semcodec.testing import EntropyModelTests

from semcodec_acme.model import ByPlace


class TestByPlace(EntropyModelTests):
    component = ByPlace
    configurations = ({}, {"first": 63, "fall": 0})
# end
