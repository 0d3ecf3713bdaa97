"""Every hook and every method of every contract once, each in a way that shows in the result."""

from semcodec import command, hookimpl, pipeline, ref

semcodec_api = 1


@hookimpl
def semcodec_components():
    names = ("Rows", "Centred", "Step", "Scales", "Coder", "Enlarge")
    return [
        ref(f"everything.{name.lower()}", f"semcodec_everything.parts:{name}") for name in names
    ]


@hookimpl
def semcodec_metrics():
    return [ref("everything.error", "semcodec_everything.parts:Error")]


@hookimpl
def semcodec_datasets():
    return [ref("everything.ramps", "semcodec_everything.parts:Ramps")]


@hookimpl
def semcodec_pipelines():
    return [pipeline("everything", "semcodec_everything", "pipelines/everything.yaml")]


@hookimpl
def semcodec_commands():
    return [command("everything", "semcodec_everything.parts:hello", "Say hello.")]
