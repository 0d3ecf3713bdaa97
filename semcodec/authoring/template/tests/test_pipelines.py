# if pipelines
from semcodec.testing import PipelineTests
# if flat


class TestFlat(PipelineTests):
    pipeline = "acme-flat"
# end
# if saliency


class TestRoi(PipelineTests):
    pipeline = "acme-roi"
# end
# end
