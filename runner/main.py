"""Entry point of the `ribbon` command.

`ribbon cycle` is handed to the kept warm server where there is one (`ribbon kernel serve`): its own imports alone take seconds. Without one
it runs in this process, as everything else does, and a server of its own loads while it imports.
"""

from __future__ import annotations

import os
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
        if not {"--help", "-h"} & set(sys.argv):
            from runner.warm.client import server_ahead
            from runner.warm.deferred import deferred_grammar

            with server_ahead(), deferred_grammar():
                _run()
            return
    _run()


def _run() -> None:
    from lib.errors import RibbonError
    from runner.cli import COMMANDS, app_for, listing
    from runner.errors import file_error

    words = completed_words()
    name = next(iter(sys.argv[1:] if words is None else words[1:-1]), "")
    try:
        (app_for(name) if name in COMMANDS else listing())(prog_name="ribbon")
    except RibbonError as error:
        _end(error)
    except OSError as error:
        if (refused := file_error(error)) is None:
            raise
        _end(refused)


def completed_words() -> list[str] | None:
    """The words of the line that a shell asks to complete, the unfinished one last; None where it asks nothing."""
    if "_RIBBON_COMPLETE" not in os.environ:
        return None
    if "COMP_CWORD" in os.environ:  # bash
        words = os.environ.get("COMP_WORDS", "").split()
        place = int(os.environ["COMP_CWORD"])
        return [*words[:place], words[place] if place < len(words) else ""]
    line = os.environ.get("_TYPER_COMPLETE_ARGS", "")  # zsh, fish, PowerShell
    return [*line.split(), ""] if line.endswith(" ") else line.split()


def _end(error: RibbonError) -> NoReturn:
    say(f"ribbon: {error}")
    sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
