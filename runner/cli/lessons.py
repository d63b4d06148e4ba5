"""`ribbon lessons`: what Claude is told of them: how it changed, every prompt addition that was told, and rolling back to one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lib.contract.text_table import TextTable
from lib.errors import MissingDataError, ParameterError
from runner.cli import lesson_choices
from runner.cli.options import AsJson, TradingData, answer, data_folder
from runner.cli.values import prompt_hashes

if TYPE_CHECKING:
    from lib.prompt.difference import PromptChange
    from lib.prompt.wording import ChangeLine
    from lib.published.listing import Listing

_MARKS = {"heading": "", "came": "  + ", "went": "  - ", "note": "  "}
STYLES = {"heading": "bold", "came": "green", "went": "red", "note": ""}
REF = "Beginning of a prompt's hash, or a time: what was told then."


app = typer.Typer(
    help="What the evidence says and Claude is told: lessons, choices about them, prompt additions.",
    no_args_is_help=True,
)
lesson_choices.add_to(app)


@app.command()
def diff(
    trading_data: TradingData = None,
    from_: Annotated[
        str,
        typer.Option(
            "--from",
            metavar="SHA|AS_OF",
            help=REF,
            autocompletion=prompt_hashes,
        ),
    ] = "",
    to: Annotated[
        str,
        typer.Option(
            "--to",
            metavar="SHA|AS_OF",
            help=REF,
            autocompletion=prompt_hashes,
        ),
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Show what the newest cycle tells Claude that the one before did not; with --from or --to, any two (the other one: in force)."""
    folder = data_folder(trading_data)
    change = _between(folder, from_, to) if from_ or to else _newest(folder)
    from lib.prompt.wording import change_lines

    _show([*change_lines(change), *_since(folder, change, from_ or to)], as_json)
    answer([], change.model_dump(mode="json"), as_json)


def _since(folder: Path, change: PromptChange, named: str) -> list[ChangeLine]:
    """That something else is in force than what the newest cycle told, whose change is shown where none is `named`."""
    from lib.prompt.wording import ChangeLine, short_hash
    from lib.published.pair import read_prompt

    now = read_prompt(folder).sha256
    if named or not now or now == change.sha256_after:
        return []
    return [ChangeLine("note", f"in force now is {short_hash(now)}, which that cycle did not tell")]


@app.command()
def prompts(trading_data: TradingData = None, as_json: AsJson = False) -> None:
    """List every prompt addition that is kept: its hash, when cycles told it, its size, and which one is in force."""
    from lib.published.listing import list_prompts

    found = list_prompts(data_folder(trading_data))
    answer(_listing_lines(found), _listing(found), as_json)


@app.command()
def rollback(
    ref: Annotated[
        str,
        typer.Argument(
            metavar="[SHA|AS_OF]",
            help=REF,
            autocompletion=prompt_hashes,
        ),
    ] = "",
    trading_data: TradingData = None,
    release: Annotated[bool, typer.Option("--release", help="Tell again what the cycles compose.")] = False,
    as_json: AsJson = False,
) -> None:
    """Tell Claude an earlier prompt addition, at once and over all cycles to come, until it is released."""
    if bool(ref) == release:
        raise ParameterError(
            "give either the prompt to roll back to, or --release; `ribbon lessons prompts` lists them"
        )
    from lib.lessons.choices import load_choices
    from lib.prompt.hold import load_hold
    from lib.prompt.wording import short_hash
    from lib.published.listing import named_prompt
    from runner.cycle.choices import choose_prompt

    folder = data_folder(trading_data)
    sha256 = named_prompt(ref, folder) if ref else ""
    told = choose_prompt(folder, sha256)
    hold = load_hold(folder)
    now = f"prompt {short_hash(sha256)} is held" if sha256 else "no prompt is held any more"
    if told is None:
        then = "nothing is published yet, so it counts from the next `ribbon cycle` on"
    else:
        then = f"Claude is told {short_hash(told.insights['provenance']['prompt_sha256'])} from its next decision on"
    lines = [f"{now}; {then}"]
    if sha256:
        lines.append("`ribbon lessons rollback --release` ends it")
        if load_choices(folder).lessons_with("veto", "unveto"):
            lines.append("The prompt is told as it was: a lesson that was vetoed since may stand in it")
    in_force = told.insights["provenance"]["prompt_sha256"] if told else ""
    found = {"held": sha256, "since": hold.at if hold else "", "in_force": in_force}
    answer(lines, found, as_json)


def _newest(folder: Path) -> PromptChange:
    from lib.history.log import load_history

    records = load_history(folder, recent=True).records
    if not records:
        raise MissingDataError("no cycle is recorded yet", path=folder, fix="`ribbon cycle` records one")
    if records[-1].prompt_change is None:
        raise MissingDataError(
            f"the record of {records[-1].timestamp} says nothing of its prompt addition",
            path=folder,
            fix="The next `ribbon cycle` records it; --from and --to compare what is kept",
        )
    return _whole(folder, records[-1].prompt_change)


def _whole(folder: Path, change: PromptChange) -> PromptChange:
    """A recorded change with all its lines, where both texts are kept; else with those that the record lists."""
    from lib.errors import DataError
    from lib.prompt.archive import read_archive
    from lib.prompt.difference import with_lines

    if not change.sha256_before or change.before_lost:
        return change
    try:
        texts = [read_archive(folder, sha256) for sha256 in (change.sha256_before, change.sha256_after)]
    except DataError:
        return change
    return with_lines(change, *texts)


def _between(folder: Path, from_: str, to: str) -> PromptChange:
    from lib.prompt.archive import read_archive
    from lib.prompt.difference import text_change
    from lib.published.listing import named_prompt
    from lib.published.pair import read_prompt

    def told(ref: str) -> tuple[str, str]:
        if ref:
            sha256 = named_prompt(ref, folder)
            return sha256, read_archive(folder, sha256)
        now = read_prompt(folder)
        if not now.text:
            raise MissingDataError(f"nothing is in force: {now.reason}", fix="Give both --from and --to")
        return now.sha256, now.text

    before, after = told(from_), told(to)
    return text_change(*before, after[1])


def _show(lines: list[ChangeLine], as_json: bool) -> None:
    """To people; coloured on a terminal alone, figures that merely moved dimmed."""
    from runner.terminal.console import console

    shown = console(err=as_json)
    for line in lines:
        style = f"{STYLES[line.kind]} dim" if line.moved else STYLES[line.kind]
        text = f"{_MARKS[line.kind]}{line.text}"
        shown.print(text, style=style.strip(), markup=False, highlight=False, soft_wrap=True)


def _listing_lines(found: Listing) -> list[str | TextTable]:
    from lib.prompt.wording import short_hash

    rows, plain = [], []
    lines: list[str | TextTable] = (
        [] if found.prompts else ["no prompt addition is kept yet: `ribbon cycle` publishes and keeps one"]
    )
    for prompt in found.prompts:
        if prompt.told_last:
            span = "" if prompt.cycles == 1 else f" ({prompt.cycles} cycles since {prompt.told_from})"
            told = f"told {prompt.told_last}{span}"
        else:
            told = f"composed {prompt.composed}, told by no cycle" if prompt.composed else "in no record"
        marks = [word for word, is_so in (("IN FORCE", prompt.in_force), ("HELD", prompt.held)) if is_so]
        size = f"{prompt.bytes:>5,} bytes  about {prompt.tokens:>5,} tokens"
        plain.append(f"{short_hash(prompt.sha256)}  {size}  {told}  {', '.join(marks)}".rstrip())
        sizes = f"{prompt.bytes:,}", f"{prompt.tokens:,}"
        rows.append((short_hash(prompt.sha256), *sizes, told, ", ".join(marks)))
    if rows:
        head = ("prompt", "bytes", "tokens, about", "told", "")
        lines.append(TextTable(head, rows, left=(0, 3, 4), plain=tuple(plain)))
    lines += [f"damaged, not used: prompts/{name}" for name in found.damaged]
    if found.hold:
        lines.append(
            f"held since {found.hold.at}: {short_hash(found.hold.sha256)}; `ribbon lessons rollback --release` ends it"
        )
        if found.hold.sha256 not in {prompt.sha256 for prompt in found.prompts}:
            lines.append("the held prompt is not kept as it was: the next cycle tells its own")
    return lines


def _listing(found: Listing) -> dict[str, Any]:
    return {
        "prompts": [prompt.model_dump() for prompt in found.prompts],
        "damaged": found.damaged,
        "in_force": found.in_force,
        "held": found.hold._asdict() if found.hold else None,
    }
