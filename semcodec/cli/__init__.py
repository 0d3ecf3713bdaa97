"""The ``semcodec`` command.

A subcommand is a ``click.Command`` in a module that is imported only when it is run. It prints
results to standard output, everything else to standard error, raises
:class:`~semcodec.errors.SemcodecError` for what the user can mend, and ends with
``click.get_current_context().exit(1)`` where it has an answer that is a no.
"""

from __future__ import annotations

from semcodec.cli.main import main

__all__ = ["main"]
