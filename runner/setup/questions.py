"""What `ribbon setup` asks, and where each answer comes from: an option, a person at a terminal, the file as it stands, or a default.

Without a terminal nobody waits: what is missing is named, all of it at once, before anything is checked. Run again with options, it asks
for nothing that the file says already.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from lib.errors import ParameterError, RibbonError
from runner.config import Config
from runner.config_file import read_toml
from runner.config_moved import Keys, value_at

Answers = TypeVar("Answers")


class Terminal(Protocol):
    """A person who can be asked."""

    def ask(self, text: str, default: str) -> str:
        """An answer, `default` where only Enter is pressed."""

    def ask_secret(self, text: str) -> str:
        """An answer that is not shown; "" where only Enter is pressed."""

    def agree(self, text: str, default: bool) -> bool:
        """Yes or no."""


@dataclass(frozen=True)
class Question:
    """One setting: its option, its place in ribbon.toml, what a person is asked, and what --yes takes."""

    option: str
    keys: Keys
    text: str
    default: str
    allowed: tuple[str, ...] = ()


SOURCE = Question(
    "--source",
    ("collect", "source"),
    "Prices from: exchange (its public candles; no browser, no account) or chart (a TradingView page in a browser)",
    "exchange",
    ("exchange", "chart"),
)
EXCHANGE = Question("--exchange", ("collect", "exchange"), "Exchange, as ccxt names it", "binance")
SYMBOL = Question("--symbol", ("collect", "symbol"), "Market", "ETH/USDT")
URL = Question(
    "--url", ("collect", "url"), "Address of the chart's layout", "https://www.tradingview.com/chart/"
)
PAGE_SYMBOL = Question(
    "--page-symbol",
    ("collect", "page_symbol"),
    "Market as the chart shows it, with its exchange",
    "BINANCE:ETHUSDT",
)
DECIDER = Question(
    "--decider",
    ("trade", "decider"),
    "Who decides: rules (a fixed rule; costs nothing) or claude (wants a key; at most $2 a day unless you say otherwise)",
    "rules",
    ("rules", "claude"),
)
EQUITY = Question("--equity", ("trade", "paper", "equity"), "Money of the paper account", "1000")
#: What follows from each source.
OF_SOURCE = {"exchange": (EXCHANGE, SYMBOL), "chart": (URL, PAGE_SYMBOL)}


class Interview:
    """The answers: `given` by option name, `held` as ribbon.toml says it, `in_force` with the defaults (both nested, tables by name).

    `terminal`: where a person can be asked; `defaults`: take one for all that is not said.
    """

    def __init__(
        self,
        given: Mapping[str, str | None],
        held: Mapping[str, Any],
        in_force: Mapping[str, Any],
        terminal: Terminal | None,
        defaults: bool,
        tell: Callable[[str], object],
    ) -> None:
        self._given = {option: value for option, value in given.items() if value is not None}
        self._held, self._in_force = held, in_force
        self.terminal, self._defaults, self.tell = terminal, defaults, tell
        self._again = False  #: what was given did not do, and a person is asked instead
        self.begun = bool(held)  #: there was a file: only what is asked for changes

    def wanted(self, *questions: Question) -> bool:
        """Whether a step of these questions is to be taken: an option of it was given, a person goes through all, or there was no file."""
        if any(question.option in self._given for question in questions):
            return True
        return not (self.begun and (self._given or self.terminal is None))

    def given(self, question: Question) -> str:
        """What an option says of it; "" where none does."""
        return self._given.get(question.option, "")

    def has(self, question: Question) -> bool:
        """Whether an answer can be had, for what need not be said."""
        return question.option in self._given or self.terminal is not None or self._defaults

    def asks(self, *questions: Question) -> bool:
        """Whether a person is asked in that step, beyond what was given."""
        return self.terminal is not None and self.wanted(*questions)

    def answer(self, question: Question) -> str:
        """The answer; ParameterError where it is none of those allowed, or nobody gives one."""
        given, held = self._given.get(question.option), _text(value_at(self._held, question.keys))
        if given is not None and not self._again:
            return _allowed(question, given)
        if self.terminal is not None and (self._again or not (self._given and held)):
            return self._asked(question, held or self._default(question))
        if held:
            return held
        if self._defaults:
            return question.default
        raise ParameterError(_missing([question]))

    def refuse_missing(self) -> None:
        """Raises ParameterError that names every option that lacks, where nobody can be asked for it."""
        if self.terminal is not None or self._defaults:
            return
        source = self._given.get(SOURCE.option) or _text(value_at(self._held, SOURCE.keys))
        of_source = (SOURCE, *OF_SOURCE.get(source, ()))
        asked = [each for step in (of_source, (DECIDER,)) if self.wanted(*step) for each in step]
        lacking = [
            each for each in asked if each.option not in self._given and not value_at(self._held, each.keys)
        ]
        if lacking:
            raise ParameterError(_missing(lacking))

    def settled(self, take: Callable[[], Answers], check: Callable[[Answers], Iterable[str]]) -> Answers:
        """The answers that `take` gives, once `check` has nothing against them or a person keeps them all the same.

        Raises what `check` raises where nobody can be asked.
        """
        try:
            while True:
                answers = take()
                try:
                    for line in check(answers):
                        self.tell(f"  {line}")
                    return answers
                except RibbonError as error:
                    if self.terminal is None:
                        raise
                    self.tell(f"  {error}")
                if not self.terminal.agree("Answer anew?", True):
                    self.tell("  kept as it is, unchecked")
                    return answers
                self._again = True
        finally:
            self._again = False

    def mended(self, wrong: str) -> bool:
        """Whether a person says that what is wrong is mended, so that it is worth looking again."""
        if self.terminal is None:
            return False
        self.tell(f"  {wrong}")
        return self.terminal.agree("See to it in the browser's window. Look again?", True)

    def _asked(self, question: Question, default: str) -> str:
        assert self.terminal is not None
        while True:
            try:
                return _allowed(question, self.terminal.ask(question.text, default).strip())
            except ParameterError as error:
                self.tell(f"  {error}")

    def _default(self, question: Question) -> str:
        """What Enter gives: where the file has the question's table, what is in force; else what is best to begin with."""
        there = question.keys[0] in self._held
        return (there and _text(value_at(self._in_force, question.keys))) or question.default


def interview_about(
    config: Config,
    given: Mapping[str, str | None],
    terminal: Terminal | None,
    defaults: bool,
    tell: Callable[[str], object],
) -> Interview:
    """The interview about the settings that are in force, and the file as it stands."""
    in_force = {name: section.model_dump() for name, section in config.sections.items()}
    return Interview(given, read_toml(config.path)[0], in_force, terminal, defaults, tell)


def _text(value: Any) -> str:
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def _allowed(question: Question, answer: str) -> str:
    if not answer or (question.allowed and answer not in question.allowed):
        wanted = " or ".join(question.allowed) or "not empty"
        raise ParameterError(f"{question.option} is {wanted}, not {answer!r}")
    return answer


def _missing(questions: Iterable[Question]) -> str:
    lacking = [f"{each.option} ({' or '.join(each.allowed) or 'e.g. ' + each.default})" for each in questions]
    return f"nobody can be asked here: give {', '.join(lacking)}; or --yes, which takes a default for all that is not said"
