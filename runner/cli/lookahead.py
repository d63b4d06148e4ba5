"""`ribbon lookahead`: whether anything that was published, or that a notebook shows, depends on what was not known yet."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lib import paths
from lib.errors import ParameterError
from runner.cli.options import NEWEST, AsJson, Outputs, answer, instant_of
from runner.cli.values import cycle_names
from runner.terminal.gate import say

if TYPE_CHECKING:
    from runner.lookahead.findings import Check
    from runner.lookahead.rows import Mode
    from runner.lookahead.workplace import Workplace

    Todo = Callable[[Workplace], Check]

HELP = """Run past cycles, or notebooks of your own, again without the rows that came later, and compare every value.

Without --notebooks the notebooks of past cycles are run on the data as they were known at the cycle's as_of, and compared with what it
published. With it each named notebook is run at several instants on the whole and on the altered data. Mode inside moves as_of back through
the window, hour by hour: what a run says of an instant must be what later runs say of it. Data and outputs are only read.

Exit codes: 0 nothing depends on later rows; 15 something does; 1 nothing could be compared; 2 an option is off; 3 a data file is off."""

_MODES: dict[str, tuple[Mode, ...]] = {
    "cut": ("cut",),
    "poison": ("poison",),
    "both": ("cut", "poison"),
    "inside": (),
    "all": ("cut", "poison"),
}
#: Earlier runs of each analyzer of a cycle, where --steps does not say how many; of a notebook of one's own: all hours.
_CYCLE_STEPS = 4


def lookahead(
    outputs: Outputs = None,
    last: Annotated[int, typer.Option(min=1, help=NEWEST)] = 1,
    cycle: Annotated[
        list[str] | None,
        typer.Option(
            help="A cycle by its name; repeatable.",
            autocompletion=cycle_names,
        ),
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="All cycles of the folder.")] = False,
    mode: Annotated[
        str,
        typer.Option(
            help="Later rows cut off, poison (made absurd), both; inside: as_of moved back through the window; or all.",
            show_default=True,
        ),
    ] = "all",
    steps: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Hours inside the window to go back to, spread over it. [default: each; 4 of a cycle]",
        ),
    ] = None,
    notebooks: Annotated[
        list[Path] | None, typer.Option(help="A notebook or a folder of your own; repeatable.")
    ] = None,
    as_of: Annotated[
        list[str] | None,
        typer.Option(help="With --notebooks: an instant; repeatable. [default: three over the data]"),
    ] = None,
    trading_data: Annotated[
        Path | None, typer.Option(help="Folder of the collected data. [default: the cycle's own]")
    ] = None,
    cycle_notebooks: Annotated[
        Path | None, typer.Option(hidden=True, help="Folder of the cycle's notebooks.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check, tell what was found, and end with the code that says so."""
    from runner.lookahead.findings import lines, raise_for
    from runner.lookahead.workplace import workplace
    from runner.processes.interruption import Interruption

    if mode not in _MODES:
        raise ParameterError(f"--mode {mode} is none of {', '.join(_MODES)}")
    if notebooks and (cycle or every):
        raise ParameterError("--notebooks checks notebooks, not cycles: leave --cycle and --all out")
    if as_of and not notebooks:
        raise ParameterError("--as-of goes with --notebooks; a cycle is checked at its own as_of")
    how: dict[str, Any] = {"modes": _MODES[mode], "inside": mode in ("inside", "all"), "steps": steps}
    if notebooks:
        todo = _of_notebooks(notebooks, trading_data, as_of or [], how)
    else:
        wanted = None if every else last
        how["steps"] = steps or _CYCLE_STEPS
        todo = _of_cycles(paths.outputs(outputs), cycle or [], wanted, trading_data, cycle_notebooks, how)
    checks: list[Check] = []
    with Interruption() as stop, workplace(lambda line: say(f"… {line}"), stop) as place:
        for one in todo:
            checks.append(one(place))
            for line in lines(checks[-1]):
                say(line, err=as_json)
    answer([], [check.as_dict() for check in checks], as_json)
    raise_for(checks)


def _of_cycles(
    outputs: Path,
    names: list[str],
    last: int | None,
    trading_data: Path | None,
    notebooks: Path | None,
    how: dict[str, Any],
) -> list[Todo]:
    from runner.lookahead.cycles import check_cycle, past_cycles

    found = past_cycles(outputs, names, last, trading_data, notebooks)
    return [partial(check_cycle, past, **how) for past in found]


def _of_notebooks(
    named: list[Path], trading_data: Path | None, instants: list[str], how: dict[str, Any]
) -> list[Todo]:
    from lib.contract.times import iso
    from runner.lookahead.folder import data_folder
    from runner.lookahead.notebooks import check_notebook, notebook_files, spread_instants

    data, files = data_folder(paths.trading_data(trading_data)), notebook_files(named)
    at = [iso(instant_of(as_of, "--as-of")) for as_of in instants] or spread_instants(data)
    return [partial(check_notebook, notebook, data, as_of, **how) for notebook in files for as_of in at]
