"""Earlier versions of a register, from the Git history it lies in."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from semcodec.errors import RegisterError

__all__ = ["committed_text", "revisions"]


def committed_text(path: Path, revision: str = "HEAD") -> str:
    """Give a file's text as it was committed.

    Args:
        path: the file, inside a Git checkout.
        revision: a commit, as Git names them: ``HEAD``, ``v1.2``, ``origin/main``.

    Raises:
        RegisterError: there is no Git, no checkout, no such commit, or no such file in it; which
            of them, Git says.
    """
    if not revision or revision.startswith("-"):  # the index to Git, and an option
        raise RegisterError(f"expected a commit, got {revision!r}")
    return _git(path, "show", f"{revision}:./{path.name}")


def revisions(path: Path) -> list[str]:
    """List the commits that changed a file, the oldest first.

    Along first parents: what a branch tried before it was merged was never published. A shallow
    clone knows its last commits only.

    Raises:
        RegisterError: there is no Git, or no checkout with a commit.
    """
    found = _git(path, "log", "--first-parent", "--reverse", "--format=%H", "--", path.name)
    return found.split()


def _git(path: Path, *arguments: str) -> str:
    program = shutil.which("git")
    if program is None:
        raise RegisterError(
            f"{path}: expected git, to see its earlier versions; there is none on the path",
            hint="Install git, or compare with a file: --against FILE",
        )
    # A hook runs with GIT_DIR set to the repository that is being committed to, maybe another's.
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    done = subprocess.run(  # noqa: S603 - the arguments are ours, and no shell reads them
        [program, *arguments],
        cwd=path.resolve().parent,
        env={**environment, "LC_ALL": "C"},
        capture_output=True,
        check=False,
    )
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise RegisterError(
            f"{path}: expected an earlier version in the history of Git, which says: "
            f"{said[0] if said else f'exit code {done.returncode}'}",
            hint="Compare with a file: --against FILE",
        )
    return done.stdout.decode("utf-8", "replace")
