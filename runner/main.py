"""Entry point of the `ribbon` command.

`ribbon cycle` is handed to the kept warm server where there is one (`ribbon kernel serve`): its own imports alone take seconds. Without one
it runs in this process, as everything else does, and a server of its own loads while it imports.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from lib.errors import RibbonError

from runner.terminal.gate import open_gate, say

#: Commands that are worth a fork. What runs for long, or holds secrets, stays a process of its own.
_FORKED = ("cycle",)


def main() -> None:
    """Run the command; a RibbonError, or a file that the system refuses, ends it with a message and an exit code, never a traceback."""
    open_gate()
    if sys.argv[1:2] and sys.argv[1] in _FORKED:
        from runner.warm.foreground import run_forked

        code = run_forked("runner.main", sys.argv[1:])
        if code is not None:
            sys.exit(code)
        if "--help" not in sys.argv:
            from runner.warm.client import server_ahead
            from runner.warm.deferred import deferred_grammar

            with server_ahead(), deferred_grammar():
                _run()
            return
    _run()


def _run() -> None:
    from lib.errors import RibbonError
    from runner.cli import app_for
    from runner.errors import file_error

    try:
        app_for(sys.argv[1] if len(sys.argv) > 1 else "")(prog_name="ribbon")
    except RibbonError as error:
        _end(error)
    except OSError as error:
        if (refused := file_error(error)) is None:
            raise
        _end(refused)


def _end(error: RibbonError) -> NoReturn:
    say(f"ribbon: {error}")
    sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
