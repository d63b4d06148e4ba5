"""The page, in parts: each is HTML made here, with all that comes from data escaped, and goes to a tab anew only where it is another."""

from __future__ import annotations

import re
import secrets
from functools import cache, partial
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from lib.contract.dollars import A_COIN, Coin
from lib.contract.schema import SYNTHETIC_SYMBOL
from lib.contract.visible import visible
from lib.contract.words import exit_word
from lib.draw.words import name_words, tight, typeset
from runner.serve import words
from runner.serve.chart import live_block
from runner.serve.feed import more_like
from runner.serve.picture import level_bar, price_picture, ribbon_picture
from runner.status.account import held_in

#: In the order of the page; each is a macro of parts.html.j2.
PARTS = (
    "standing",
    "answer",
    "notes",
    "position",
    "today",
    "picture",
    "health",
    "told",
    "ribbon",
    "feed",
    "lessons",
    "logs",
)
#: Rows of the feed that are shown at once; the earlier ones are folded.
ROWS = 12
_TICKED = re.compile(r"`([^`\n]+)`")


@cache
def environment() -> Environment:
    """The template environment; a name that a template asks for and nobody gave is an error."""
    made = Environment(
        loader=PackageLoader("runner.serve", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_seen,
    )
    made.filters |= {
        "clock": words.clock,
        "day": words.day,
        "exit": lambda reason: name_words(exit_word(reason)),
        "halted": words.halt_words,
        "money": words.dollars,
        "coin": Coin.of,
        "percent": words.percent,
        "signed": partial(words.percent, decimals=2, signed=True),
        "price": words.price_words,
        "quiet": lambda each: words.quiet_words(each["outcome"], each["reason_code"]),
        "result": words.result_words,
        "state": words.state_words,
        "synthetic": lambda symbol: symbol.startswith(SYNTHETIC_SYMBOL),
        "ticked": ticked,
        "tone": tone,
        "typeset": typeset,
    }
    made.globals |= {
        "price_picture": price_picture,
        "ribbon_picture": ribbon_picture,
        "live_block": live_block,
        "held_in": held_in,
        "level_bar": level_bar,
        "more_like": more_like,
        "owner": words.owner,
        "purse": words.purse,
        "times": words.times,
        "time_left": words.time_left,
        "rows_shown": ROWS,
    }
    return made


def render(template: str, **values: Any) -> str:
    """One whole page."""
    return environment().get_template(template).render(**values)


def parts_of(view: dict[str, Any]) -> dict[str, str]:
    """The HTML of each part of a view (runner.serve.view), and `title`, which is text."""
    macros = environment().get_template("parts.html.j2").module
    return {"title": title(view)} | {name: str(getattr(macros, name)(view)).strip() for name in PARTS}


def title(view: dict[str, Any]) -> str:
    """What a tab's name says: the position and what it makes, or flat."""
    account, held = view["status"]["account"], held_in(view["status"])
    if not held:
        return f"{'Flat' if account else 'Now'} · Ribbon Lab"
    return f"{held['direction']} {words.percent(held['net_pct'], 2, signed=True)} · Ribbon Lab"


def ticked(text: str) -> Markup:
    """A text, escaped, with what is in backticks as code, and no figure parted from its unit."""
    return Markup(_TICKED.sub(r"<code>\1</code>", tight(str(escape(visible(text))))))


def tone(value: float | None, coin: Coin = A_COIN) -> str:
    """The class of a figure of gain or loss: pos, neg, or none where it shows as zero or as a dash."""
    shown = round(value or 0.0, coin.decimals)
    return "neg" if shown < 0 else "pos" if shown > 0 else ""


def _seen(value: Any) -> Any:
    """No mark of a text goes unseen into a page, in direction or width; what is HTML already was made here."""
    return value if isinstance(value, Markup) or not isinstance(value, str) else visible(value, lines=True)


class Board:
    """The parts as they stand, and since which version each does: a tab says what it has, and gets what is newer."""

    def __init__(self) -> None:
        self.start = secrets.token_hex(8)  #: of another start are other versions
        self.version = 0
        self.parts: dict[str, str] = {}
        self._since: dict[str, int] = {}

    def show(self, view: dict[str, Any]) -> None:
        """Take what there is to see now."""
        found = parts_of(view)
        changed = [name for name, text in found.items() if self.parts.get(name) != text]
        self.version += bool(changed)
        self._since |= dict.fromkeys(changed, self.version)
        self.parts = found

    def newer(self, start: str, version: int) -> dict[str, str]:
        """The parts that are newer than `version` of a start; all of them where it was another start."""
        known = version if start == self.start else -1
        return {name: text for name, text in self.parts.items() if self._since[name] > known}
