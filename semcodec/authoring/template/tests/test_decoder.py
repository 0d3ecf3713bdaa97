# if decoder
from semcodec.testing import DecoderTests

from semcodec_acme.decoder import Sharpen


class TestSharpen(DecoderTests):
    component = Sharpen
    configurations = ({}, {"amount": 0.0}, {"amount": 4.0})
# end
