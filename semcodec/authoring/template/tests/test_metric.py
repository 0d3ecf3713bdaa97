# if metric
from semcodec.testing import MetricTests

from semcodec_acme.metric import MaxError


class TestMaxError(MetricTests):
    component = MaxError
    configurations = ({},)
# end
