# if quantizer
from semcodec.testing import QuantizerTests

from semcodec_acme.quantizer import DeadZone


class TestDeadZone(QuantizerTests):
    component = DeadZone
    configurations = ({}, {"step": 0.5}, {"zone": 1.0})
# end
