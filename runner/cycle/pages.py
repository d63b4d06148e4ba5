"""Pages from our templates: everything put into one is escaped, and each page stands alone (styles inside, nothing to fetch, no script)."""

from __future__ import annotations

from datetime import datetime
from functools import cache, partial
from typing import Any

from jinja2 import ChoiceLoader, Environment, PackageLoader, PrefixLoader, StrictUndefined

from lib.contract.dollars import A_COIN, Coin
from lib.draw.html import step_html, sure_html
from lib.draw.lesson_lines import question_words
from lib.draw.numbers import counted, dollars, percent
from lib.draw.words import minus, regime_words, setup_words, tight
from runner.cycle.glossary import with_words
from runner.cycle.manifest import Manifest
from runner.cycle.prune import RULE

_STATUS_WORDS = {
    "ok": "complete",
    "partial": "published with gaps",
    "failed": "nothing published",
    "interrupted": "interrupted",
    "running": "ended without a word",
}


@cache
def environment() -> Environment:
    """The template environment; a name that a template asks for and nobody gave is an error."""
    made = Environment(
        loader=PackageLoader("runner.cycle", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "moment": moment,
        "money": dollars,
        "coin": Coin.of,
        "percent": percent,
        "signed": partial(percent, decimals=2, signed=True),
        "tone": tone,
        "words": words,
        "share": share,
        "hours": hours,
        "counted": counted,
        "minus": minus,
        "tight": tight,
        "setup": setup_words,
        "asked": question_words,
        "step": step_html,
        "sure": sure_html,
        "meaning": meaning,
    }
    made.globals |= {"status_words": _STATUS_WORDS, "prune_rule": RULE}
    return made


def environment_of(room: str) -> Environment:
    """That of the reports for another room (a package's name), whose templates come before theirs; theirs are at `cycle/` too."""
    reports = environment().loader
    assert reports is not None
    made = environment().overlay(
        loader=ChoiceLoader([PackageLoader(room, "templates"), reports, PrefixLoader({"cycle": reports})])
    )
    # An overlay has the filters of what it lies over, and a room may add some of its own.
    made.filters = dict(made.filters)
    return made


def load_templates() -> None:
    """Compile all templates, which takes a tenth of a second: while other processes work, or with the first page of each."""
    made = environment()
    for name in made.list_templates(["j2"]):
        made.get_template(name)


def render(template: str, **values: Any) -> str:
    """One page; its words are explained under its finding."""
    return with_words(environment().get_template(template).render(**values))


def moment(iso: str | None) -> str:
    """`2025-06-15 11:00` and seconds where they are not zero; times are UTC, which the page says once."""
    if not iso:
        return "–"
    parsed = datetime.fromisoformat(iso)
    return parsed.strftime("%Y-%m-%d %H:%M:%S" if parsed.second else "%Y-%m-%d %H:%M")


def hours(length: float) -> str:
    """The length of a window: `24 h`."""
    return f"{length:g} h"


def tone(value: float | None, coin: Coin = A_COIN) -> str:
    """The class of a figure of gain or loss: `pos`, `neg`, or none where it shows as zero or as a dash."""
    shown = round(value or 0.0, coin.decimals)
    return "neg" if shown < 0 else "pos" if shown > 0 else ""


def share(rate: float | None, n: int | None) -> str:
    """A win rate with its n: `44.4 % of 18`; every percentage carries its n."""
    if n is None:
        return "–"
    return f"{percent(rate)} of {n}" if rate is not None else f"none of {n}" if n else "no trades"


def words(name: str | None) -> str:
    """RANGING_QUIET → `ranging quiet`."""
    return (name or "–").replace("_", " ").lower()


def meaning(regime: str | None) -> str:
    """What a regime's name means; "" where none is known."""
    return regime_words(regime or "")


def navigation(manifest: Manifest) -> list[dict[str, str]]:
    """Entries of a cycle's menu, in running order, of the reports that exist; paths are from the run folder."""
    entries = []
    for name, path in manifest.reports.items():
        notebook = manifest.notebooks.get(name)
        title, status = (notebook["title"], notebook["status"]) if notebook else ("Prompt", "ok")
        entries.append({"name": name, "title": title, "status": status, "path": path})
    return entries
