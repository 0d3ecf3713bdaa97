"""What the core itself provides, through the hooks that plugins use."""

from __future__ import annotations

from semcodec.discovery.hookspecs import hookimpl
from semcodec.discovery.refs import CommandRef, PipelineRef, Ref, command, pipeline, ref

__all__ = [
    "COMMANDS",
    "semcodec_commands",
    "semcodec_components",
    "semcodec_datasets",
    "semcodec_metrics",
    "semcodec_pipelines",
]

COMMANDS = (
    command("encode", "semcodec.cli.code:encode", "Code a picture with a pipeline."),
    command("decode", "semcodec.cli.code:decode", "Decode a file to a picture."),
    command("explain", "semcodec.cli.showing:explain", "Draw what a pipeline does to a picture."),
    command("demo", "semcodec.cli.showing:demo", "Compare codecs on a picture at equal bytes."),
    command("report", "semcodec.cli.reporting:report", "Write a page of what a comparison found."),
    command("export", "semcodec.cli.reporting:export", "Write a comparison for other tools."),
    command("compare", "semcodec.cli.compare:compare", "Run codecs on pictures and measure them."),
    command("diff", "semcodec.cli.compare:diff", "Say what differs between two specs or files."),
    command("inspect", "semcodec.cli.files:inspect", "Show what a coded file holds, byte by byte."),
    command("validate", "semcodec.cli.specs:validate", "Check a spec and report every problem."),
    command("show", "semcodec.cli.specs:show", "Print a pipeline's spec, expanded on request."),
    command("lock", "semcodec.cli.specs:lock", "Write the resolved spec and its digests."),
    command("schema", "semcodec.cli.specs:schema", "Print a JSON Schema of specs for editors."),
    command("graph", "semcodec.cli.specs:graph", "Draw what a pipeline does as a graph."),
    command("plugins", "semcodec.cli.plugins:plugins", "List plugins; make and check your own."),
    command("registry", "semcodec.cli.registry:registry", "Search and verify the public register."),
    command("components", "semcodec.cli.listing:components", "List components, by kind."),
    command("info", "semcodec.cli.listing:info", "Explain a component or a pipeline."),
    command("doctor", "semcodec.cli.listing:doctor", "Check the installation."),
)
"""The core's subcommands, in the order of the help."""


@hookimpl
def semcodec_components() -> list[Ref]:
    """List the core's components; they have bare ids."""
    return [
        ref("blend", "semcodec.components.saliency.blend:Blend"),
        ref("block-map", "semcodec.components.maps:BlockMap"),
        ref("byte-context", "semcodec.components.models:ByteContext"),
        ref("centre", "semcodec.components.saliency.plain:Centre"),
        ref("dct", "semcodec.components.dct:Dct"),
        ref("dct-context", "semcodec.components.models:DctContext"),
        ref("everywhere", "semcodec.components.saliency.plain:UniformSaliency"),
        ref("frequency-tuned", "semcodec.components.saliency.contrast:FrequencyTuned"),
        ref("gradient", "semcodec.components.saliency.contrast:Gradient"),
        ref("label-context", "semcodec.components.models:LabelContext"),
        ref("laplace", "semcodec.components.models:Laplace"),
        ref("mask", "semcodec.components.saliency.mask:MaskSaliency"),
        ref("minimum-barrier", "semcodec.components.saliency.barrier:MinimumBarrier"),
        ref("plane-context", "semcodec.components.models:PlaneContext"),
        ref("range", "semcodec.components.coders:Range"),
        ref("rans", "semcodec.components.coders:Rans"),
        ref("raw", "semcodec.components.coders:Raw"),
        ref("saliency-step", "semcodec.components.quantizers:SaliencyStep"),
        ref("spectral-residual", "semcodec.components.saliency.contrast:SpectralResidual"),
        ref("uniform", "semcodec.components.quantizers:Uniform"),
        ref("utf8", "semcodec.components.text:Utf8"),
        ref("zstd", "semcodec.components.coders:Zstd"),
    ]


@hookimpl
def semcodec_metrics() -> list[Ref]:
    """List the core's metrics."""
    return [
        ref("mse", "semcodec.components.metrics:Mse"),
        ref("psnr", "semcodec.components.metrics:Psnr"),
    ]


@hookimpl
def semcodec_datasets() -> list[Ref]:
    """List the core's data sets."""
    return [
        ref("ade20k", "semcodec.components.corpora:Ade20k"),
        ref("bsds500", "semcodec.components.corpora:Bsds500"),
        ref("cityscapes", "semcodec.components.corpora:Cityscapes"),
        ref("clic", "semcodec.components.corpora:Clic"),
        ref("coco-stuff", "semcodec.components.corpora:CocoStuff"),
        ref("folder", "semcodec.components.datasets:Folder"),
        ref("kodak", "semcodec.components.listings:Kodak"),
        ref("listing", "semcodec.components.listings:Listing"),
        ref("sizes", "semcodec.components.sizes:Sizes"),
    ]


@hookimpl
def semcodec_pipelines() -> list[PipelineRef]:
    """List the core's named pipelines."""
    return [
        pipeline("flat-dct", "semcodec.pipelines", "flat-dct.yaml"),
        pipeline("plain-dct", "semcodec.pipelines", "plain-dct.yaml"),
        pipeline("roi-dct", "semcodec.pipelines", "roi-dct.yaml"),
    ]


@hookimpl
def semcodec_commands() -> list[CommandRef]:
    """List the core's subcommands."""
    return list(COMMANDS)
