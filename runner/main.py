"""Entry point of the `ribbon` command.

`ribbon cycle` is handed to the kept warm server where there is one (`ribbon kernel serve`): its own imports alone take seconds. Without one
it runs in this process, as everything else does, and a server of its own loads while it imports.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from types import FrameType

    from lib.errors import RibbonError

#: Commands that are worth a fork. What runs for long, or holds secrets, stays a process of its own.
_FORKED = ("cycle",)


#: Signals by which somebody wants the end; one that was ignored (nohup) stays ignored.
_ENDING = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))
#: What the process ends with where somebody stopped it (docs/reference/exit-codes.md).
_INTERRUPTED = 130


def main() -> None:
    """Run the command; a RibbonError, a file that the system refuses, Ctrl-C or a termination signal ends it with a message and an exit
    code, never a traceback.

    Imports come behind the handler of signals: somebody's second thought comes in the first half second, and that is all imports.
    """
    for number in _ENDING:
        if signal.getsignal(number) in (signal.default_int_handler, signal.SIG_DFL):
            signal.signal(number, _end_at_once)
    from runner.terminal.gate import open_gate

    open_gate()
    from runner.processes.environment import PLAIN_FIGURES
    from runner.processes.home import home_of_libraries

    os.environ.update(PLAIN_FIGURES)
    try:
        with home_of_libraries():
            _main()
    except KeyboardInterrupt:
        _end_interrupted()
    except ModuleNotFoundError as error:
        _end_without(error)
    except SystemExit as ended:
        # The command line's library says nothing of its own; a command that raised this itself has said it.
        why = getattr(ended.__context__, "__cause__", None)
        if ended.code == _INTERRUPTED and isinstance(why, KeyboardInterrupt):
            _end_interrupted()
        _end_at_question(ended)
        raise


def _end_at_once(number: int, frame: FrameType | None) -> None:
    """A signal while nothing but imports goes on: there is nothing to tidy, and an exception in one could be swallowed."""
    os.write(2, b"ribbon: interrupted\n")
    os._exit(_INTERRUPTED)


def _may_be_interrupted() -> None:
    """From here on each of them is a KeyboardInterrupt, as something may be there to tidy."""
    for number in _ENDING:
        if signal.getsignal(number) is _end_at_once:
            signal.signal(number, signal.default_int_handler)


def _end_interrupted() -> NoReturn:
    from runner.terminal.gate import say

    say("ribbon: interrupted")
    sys.exit(_INTERRUPTED)


def _end_without(error: ModuleNotFoundError) -> NoReturn:
    """In words that a package is not there, as after an update of the code alone; one of ours that is not is a fault, and raised."""
    package = (error.name or "").partition(".")[0]
    if package in ("", "lib", "runner"):
        raise error
    from runner.terminal.gate import say

    say(f"ribbon: the package {package} is not installed, and this version needs it. Run `make setup`")
    sys.exit(1)


def _end_at_question(ended: SystemExit) -> None:
    """In words that a question was left: the command line's library says "Aborted." of Ctrl-C and of an end of input alike."""
    asked = ended.__context__
    left = asked.__context__ if type(asked).__name__ == "Abort" else None
    if isinstance(left, KeyboardInterrupt):
        _end_interrupted()
    if isinstance(left, EOFError):
        from runner.terminal.gate import say

        say("ribbon: the input ended at a question. Answer it, or give its option: --help names them")


def _main() -> None:
    if sys.argv[1:2] and sys.argv[1] in _FORKED:
        from runner.warm.foreground import run_forked

        _may_be_interrupted()
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
    from runner.errors import RunnerError, file_error
    from runner.processes.address_space import require_address_space
    from runner.processes.wall import require_wall

    words = completed_words()
    name = next(iter(sys.argv[1:] if words is None else words[1:-1]), "")
    try:
        if name in COMMANDS and words is None:
            require_address_space()
            require_wall(name)
        app = app_for(name) if name in COMMANDS else listing()
        _may_be_interrupted()
        app(prog_name="ribbon")
    except RibbonError as error:
        _end(error)
    except MemoryError:
        _end(
            RunnerError("this machine, or a limit of it, gives no more memory. Free some, or raise the limit")
        )
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
    from runner.terminal.gate import say

    say(f"ribbon: {error}")
    sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
