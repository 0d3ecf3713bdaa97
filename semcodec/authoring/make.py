"""Writes a new plugin: a whole package, or nothing."""

from __future__ import annotations

import datetime
import tempfile
from collections.abc import Sequence
from pathlib import Path

from semcodec import __version__
from semcodec.authoring.names import Names, check_free
from semcodec.authoring.process import run_python
from semcodec.authoring.rendering import template_files
from semcodec.errors import SettingError

__all__ = ["CODING", "LICENCES", "Plugin", "new_plugin"]

LICENCES = ("Apache-2.0", "MIT")
CODING = ("saliency", "transform", "quantizer", "model", "coder", "decoder")
"""The kinds that a pipeline is made of."""
_FLAT = CODING[1:]


class Plugin:
    """A plugin to be written.

    Args:
        names: what it is called.
        kinds: the component kinds of which it gets an example each.
        licence: one of :data:`LICENCES`.
    """

    def __init__(self, names: Names, kinds: Sequence[str], licence: str = LICENCES[0]) -> None:
        self.names = names
        self.kinds = tuple(dict.fromkeys(kinds))
        self.licence = licence

    @property
    def pipelines(self) -> tuple[str, ...]:
        """The names of its pipelines; none where no kind of it codes anything."""
        prefix = self.names.prefix
        flat = f"{prefix}-flat" if set(self.kinds) & set(_FLAT) else ""
        roi = f"{prefix}-roi" if "saliency" in self.kinds else ""
        return tuple(filter(None, (flat, roi)))

    def files(self) -> dict[str, str]:
        """Render its files, by their paths relative to its folder."""
        flat = bool(set(self.kinds) & set(_FLAT))
        conditions = {
            "author": bool(self.names.author),
            "components": bool(set(self.kinds) & set(CODING)),
            "flat": flat,
            "pipelines": bool(self.pipelines),
            "roi_only": bool(self.pipelines) and not flat,
        }
        words = {
            "AUTHOR_NAME": self.names.author,
            "HOLDER_NAME": self.names.author or f"the authors of {self.names.distribution}",
            "LICENCE_ID": self.licence,
            "SEMCODEC_VERSION": __version__,
            "YEAR_NOW": str(datetime.datetime.now(tz=datetime.timezone.utc).year),
            "acme": self.names.prefix,
            "semcodec-acme": self.names.distribution,
            "semcodec_acme": self.names.package,
        }
        holds = {*self.kinds, *(word for word, held in conditions.items() if held)}
        return dict(template_files(holds, words, self.licence))


def new_plugin(plugin: Plugin, parent: Path) -> Path:
    """Write a plugin's folder, ready to be installed.

    It is written beside its place and moved there when it is whole, its pipelines' locks included.

    Args:
        plugin: what to write.
        parent: the folder in which the new one, named as the distribution, will stand.

    Returns:
        The new folder.

    Raises:
        SettingError: a name is taken, the folder exists, or its parent does not.
    """
    check_free(plugin.names, plugin.pipelines)
    target = parent / plugin.names.distribution
    if not parent.is_dir():
        raise SettingError(
            f"cannot write {target}: there is no folder {parent}", hint=f"mkdir -p {parent}"
        )
    _refuse_existing(target)
    try:
        with tempfile.TemporaryDirectory(prefix=".semcodec-", dir=parent) as temporary:
            # A folder in the temporary one, which only its owner may open.
            made = Path(temporary).resolve() / target.name
            for name, text in plugin.files().items():
                path = made / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
            _write_locks(plugin, made, made.with_name("site"))
            _refuse_existing(target)
            made.rename(target)
    except OSError as error:
        raise SettingError(
            f"cannot write {target}: {error.strerror or error}",
            hint="Choose another folder with -o.",
        ) from None
    return target


def _refuse_existing(target: Path) -> None:
    if target.exists() or target.is_symlink():
        raise SettingError(
            f"cannot write {target}: it exists already",
            hint="Choose another name, or another folder with -o.",
        )


def _write_locks(plugin: Plugin, folder: Path, site: Path) -> None:
    """Write the locks with the plugin on the path as an installer would leave it."""
    names = plugin.names
    info = site / f"{names.package}-0.1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {names.distribution}\n")
    (info / "entry_points.txt").write_text(f"[semcodec]\n{names.prefix} = {names.package}\n")
    for name in plugin.pipelines:
        spec = folder / names.package / "pipelines" / f"{name}.yaml"
        lock = spec.with_suffix(".lock.json")
        done = run_python(
            "-m", "semcodec", "lock", str(spec), "-o", str(lock), first=(folder, site)
        )
        if done.returncode:
            raise SettingError(
                f"the new pipeline {name} cannot be locked: {done.stderr.strip()}",
                hint="semcodec doctor",
            )
