# if coder
from semcodec.testing import EntropyCoderTests

from semcodec_acme.coder import Deflate


class TestDeflate(EntropyCoderTests):
    component = Deflate
    configurations = ({}, {"level": 1})
# end
