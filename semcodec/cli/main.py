"""The entry point: finds subcommands without importing them, and turns errors into exit codes."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Sequence
from typing import TextIO

import click

from semcodec import __version__
from semcodec.builtin import COMMANDS
from semcodec.discovery.entries import CommandEntry, Provider
from semcodec.discovery.scan import CORE, last_line
from semcodec.errors import SemcodecError

__all__ = ["Group", "main"]

EPILOG = """\b
Exit codes:
  0    done
  1    it cannot be done, or the answer is no; the message says why
  2    wrong usage
  70   a bug in semcodec or in a plugin
  130  interrupted

\b
Example:
  semcodec encode photo.png -p flat-dct -o photo.smc
  semcodec decode photo.smc -o decoded.png
"""

_CORE_COMMANDS = {ref.name: CommandEntry(ref, Provider(CORE, __version__)) for ref in COMMANDS}


class Group(click.Group):
    """A group that knows its subcommands by reference only.

    The core's own are found in a table, so that running one costs no scan for plugins and no
    plugin can take its name; all others are looked up in the catalog.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        """List the core's commands in the table's order, then the plugins' by name."""
        return [entry.ref.name for entry in self._entries()]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a subcommand; None when there is none of that name.

        Raises:
            PluginError: it is there but cannot be used.
        """
        entry = _CORE_COMMANDS.get(cmd_name)
        if entry is None:
            from semcodec.discovery import catalog

            entry = catalog().command(cmd_name)
        return None if entry is None else entry.load()

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the subcommand that the arguments name, or say which names are near."""
        name = args[0]
        command = self.get_command(ctx, name)
        if command is None:
            import difflib

            near = difflib.get_close_matches(name, self.list_commands(ctx), n=3)
            hint = f" Did you mean {' or '.join(near)}?" if near else ""
            raise click.UsageError(f"No such command {name!r}.{hint}", ctx)
        return name, command, args[1:]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write one line for each subcommand from its reference, importing none."""
        entries = self._entries()
        for title, rows in (
            ("Commands", [e for e in entries if e.ref.name in _CORE_COMMANDS]),
            ("Commands of plugins", [e for e in entries if e.ref.name not in _CORE_COMMANDS]),
        ):
            if rows:
                with formatter.section(title):
                    formatter.write_dl([(e.ref.name, e.ref.help) for e in rows])

    def _entries(self) -> list[CommandEntry]:
        from semcodec.discovery import catalog

        others = [e for e in catalog().commands() if e.ref.name not in _CORE_COMMANDS]
        return [*_CORE_COMMANDS.values(), *others]


@click.group(
    cls=Group,
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option("-v", "--verbose", is_flag=True, help="Say on standard error what is being done.")
@click.option(
    "--debug",
    is_flag=True,
    help="Show the traceback of an error; so does SEMCODEC_DEBUG=1. May stand anywhere.",
)
@click.version_option(__version__, message="semcodec %(version)s")
def cli(verbose: bool, debug: bool) -> None:
    """Compose, publish and compare semantic image codecs."""
    if verbose or sys.stderr.isatty():
        import logging

        logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(message)s")


def main(args: Sequence[str] | None = None) -> int:
    """Run the command.

    Args:
        args: the arguments; None for the process's own.

    Returns:
        The exit code, as ``semcodec --help`` lists them.
    """
    argv = list(sys.argv[1:] if args is None else args)
    debug, argv = _take_debug(argv)
    for stream in (sys.stdout, sys.stderr):
        # A pipe may have an encoding that lacks a character of somebody's docstring.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    with warnings.catch_warnings():
        warnings.showwarning = _show_warning
        code = _run(argv, debug)
    return _flush(code)


def _run(argv: list[str], debug: bool) -> int:
    try:
        code = cli.main(args=argv, prog_name="semcodec", standalone_mode=False)
        return code if isinstance(code, int) else 0
    except click.exceptions.Abort:
        return 130
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except SemcodecError as error:
        return _fail(str(error), 1, debug)
    except BrokenPipeError:
        return 1
    except OSError as error:
        where = f": {error.filename}" if error.filename else ""
        return _fail(f"{error.strerror or last_line(error)}{where}", 1, debug)
    except Exception as error:
        return _fail(
            f"unexpected {last_line(error)}\n"
            "  This is a bug in semcodec or a plugin; run again with --debug.",
            70,
            debug,
        )


def _fail(message: str, code: int, debug: bool) -> int:
    if debug:
        import traceback

        traceback.print_exc()
    click.echo(f"error: {message}", err=True)
    return code


def _take_debug(argv: list[str]) -> tuple[bool, list[str]]:
    """Take ``--debug`` out wherever it stands, so that it can be added to the end of a line."""
    end = argv.index("--") if "--" in argv else len(argv)
    kept = [arg for arg in argv[:end] if arg != "--debug"]
    asked = len(kept) < end or os.environ.get("SEMCODEC_DEBUG", "") not in {"", "0"}
    return asked, kept + argv[end:]


def _show_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    click.echo(f"warning: {message}", err=True)


def _flush(code: int) -> int:
    """Flush the output while a reader that has gone away can still be ignored quietly."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        # The interpreter flushes once more at exit and would complain about it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return code or 1
    return code
