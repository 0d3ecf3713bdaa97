# if dataset
from semcodec.testing import DatasetTests

from semcodec_acme.dataset import Charts


class TestCharts(DatasetTests):
    component = Charts
    configurations = ({}, {"side": 1})
# end
