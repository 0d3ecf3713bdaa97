# if saliency
from semcodec.testing import SaliencySourceTests

from semcodec_acme.saliency import Edges


class TestEdges(SaliencySourceTests):
    component = Edges
    configurations = ({}, {"floor": 0.0}, {"floor": 1.0})
# end
