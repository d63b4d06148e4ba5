"""How everything stands, from the files alone: no lock is taken and no process asked, so that it works while all of it runs, or none.

One reader for `ribbon status`, the page and the terminal: whoever looks again and again keeps a `StatusReader`, which reads nothing twice
that did not change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd

from lib.contract import schema
from lib.contract.times import iso
from lib.data.loaders import SAMPLE_CONTEXT
from lib.data.newest import seconds_ago
from lib.errors import DataError, RibbonError
from lib.experiments.log import EXPERIMENTS_FILE
from lib.lessons.choices import CHOICES_FILE, choices_warning
from lib.market.costs import model_cost_bp
from lib.market.terms import DEFAULT_TERMS, Terms
from lib.prompt.archive import FOLDER as PROMPTS
from lib.published.listing import prompt_warning
from runner.claude.ledger import SPEND_FILE, SpendReader, day_of
from runner.claude.model_cost import cost_of
from runner.claude.settings import ClaudeSettings
from runner.claude.standing import STANDING_FILE, read_standing
from runner.collect.collector_state import read_collector
from runner.collect.state_file import STATE_FILE
from runner.cycle.inputs import AHEAD_FIX, ahead_of_clock, published_as_of
from runner.errors import words_of
from runner.experiment.report import standing
from runner.notify.untaken import untaken_finding
from runner.status.account import EventsOfFolder, unwatched, with_price
from runner.status.files import FilesOfFolder, late_cycle
from runner.status.lessons import prompt_held, told_lessons
from runner.status.market import MarketOfFolder, Sampled
from runner.status.recent import DecisionsOfFolder, feed_of, tick_rows, told_decisions, told_trades
from runner.status.unchanged import Unchanged
from runner.status.why import is_answer
from runner.trade.book import DAY
from runner.trade.known import stamp
from runner.trade.rails import Rails
from runner.trade.settings import TradeSettings
from runner.trade.tick_log import TICKS_FILE
from runner.up.stopped import stopped_findings


def status(
    folder: Path,
    settings: TradeSettings,
    now_us: int,
    claude: ClaudeSettings | None = None,
    terms: Terms = DEFAULT_TERMS,
) -> dict[str, Any]:
    """Everything as JSON types; a part that cannot be read says why under `faults` and is null. `claude` has the limits of its cost."""
    return StatusReader(folder, settings, claude, terms).read(now_us)


class StatusReader:
    """Reads a folder's status, again and again. `terms` price what no account does; `keep`: how far back prices are told."""

    def __init__(
        self,
        folder: Path,
        settings: TradeSettings,
        claude: ClaudeSettings | None = None,
        terms: Terms = DEFAULT_TERMS,
        keep: pd.Timedelta = SAMPLE_CONTEXT,
    ) -> None:
        self.folder, self.settings, self.limits = folder, settings, claude or ClaudeSettings()
        self.terms = terms
        self.memory = Unchanged()
        self._events = EventsOfFolder(folder, self.memory)
        self._decisions = DecisionsOfFolder(folder, self.memory)
        self._spend = SpendReader(folder)
        self._files = FilesOfFolder(folder, self.memory)
        self._market = MarketOfFolder(folder, keep)
        self._faults: list[str] = []
        self._findings: list[dict[str, str]] = []

    def read(self, now_us: int) -> dict[str, Any]:
        """As `status`."""
        now = stamp(now_us).floor("s")
        self._faults, self._findings = [], []
        found: dict[str, Any] = {"trading_data": str(self.folder), "at": iso(now)}
        found |= {"faults": self._faults, "findings": self._findings}
        for name, read in self._parts(now_us, now).items():
            found[name] = self._tried(name, read)
        found["account"] = with_price(found["account"], _price(found["market"]))
        alone = found["account"] is None and not any(fault.startswith("account: ") for fault in self._faults)
        found |= self._decisions.ends(now, alone, (found["market"] or {}).get("5min"), self.terms)
        if warning := self._tried("choices", lambda: self._of_prompts("choices", choices_warning)):
            self._faults.append(f"choices: {warning}")
        self._findings += unwatched(found, now) + late_cycle(found, now)
        self._tell("up", stopped_findings(self.folder))
        self._tell("notifications", self._tried("notifications", lambda: untaken_finding(self.folder)) or [])
        found["kill_file"] = Rails(self.settings.rails, self.folder).killed()
        for name, look in {"collector": self._collector, "claude": self._claude}.items():
            found[name] = self._tried(name, lambda look=look: look(now))
        return found

    def unwatched(self, now_us: int) -> list[dict[str, str]]:
        """The findings of `read` on a position that nobody looks at; no other part is read."""
        parts = self._parts(now_us, now := stamp(now_us).floor("s"))
        told_by = ("account", "last_tick", "last_decision")
        found = {name: self._tried(name, parts[name]) for name in told_by}
        return unwatched(found | {"trading_data": str(self.folder)}, now)

    def _parts(self, now_us: int, now: pd.Timestamp) -> dict[str, Callable[[], Any]]:
        return {
            "data": lambda: self._data(now),
            "market": lambda: self._markets(now),
            "account": lambda: self._events.account(now_us),
            "last_decision": lambda: self._last_decision(now),
            "model": lambda: self._model(now_us),
            "last_tick": lambda: self._last_tick(now),
            "last_cycle": lambda: self._last_cycle(now),
            "lessons": lambda: self._of_insights("lessons", told_lessons),
            "prompt_held": lambda: self._of_prompts("held", prompt_held),
            "prompt_warning": lambda: self._of_prompts("warning", prompt_warning),
            "experiment": lambda: self._experiment(now_us),
        }

    def feed(self, now_us: int, most: int) -> list[dict[str, Any]]:
        """The newest decisions and what lay between them, as `runner.status.recent.feed_of`; what cannot be read `read` says."""
        try:
            rows = self._decisions.rows(stamp(now_us).floor("s"))
        except (RibbonError, OSError):
            rows = None
        try:
            ticks = self._ticks()
        except (RibbonError, OSError):
            ticks = []
        paths = (self.folder / TICKS_FILE, self.folder / schema.DECISIONS_FILE)
        return self.memory.of("feed", paths, lambda: feed_of(rows, ticks, most), id(rows))

    def prices(self) -> list[tuple[int, float]]:
        """Prices of the last hours as `MarketOfFolder.prices`, by the last `read`."""
        return self._market.prices()

    def ribbons(self) -> dict[str, list[Sampled]]:
        """Ribbons of the last hours as `MarketOfFolder.ribbons`, likewise."""
        return self._market.ribbons()

    def trades(self, now_us: int, since: pd.Timestamp) -> list[dict[str, Any]]:
        """Decisions that were entered and had not been left by `since`, oldest first, as in the feed; what cannot be read `read` says."""
        try:
            rows = self._decisions.rows(stamp(now_us).floor("s"))
        except (RibbonError, OSError):
            return []
        return told_trades(rows, since)

    def _tried(self, name: str, read: Callable[[], Any], of: str = "") -> Any:
        """What a part gives; null where it cannot be read, with the reason among the faults, and the file `of` which it is told."""
        try:
            return read()
        except (RibbonError, OSError) as error:
            words = words_of(error)
        except Exception as error:  # damage no reader knows is a fault of that part, not the end of all
            words = f"{type(error).__name__}: {error}"
        self._faults.append(f"{name}: {words}" if of in words else f"{name}: {of}: {words}")
        return None

    def _tell(self, part: str, found: Iterable[tuple[str, str]]) -> None:
        self._findings += [{"part": part, "what": what, "fix": fix} for what, fix in found]

    def _of_insights(self, name: str, read: Callable[[Path], Any]) -> Any:
        """What is read of the insights alone."""
        return self.memory.of(name, [self.folder / schema.INSIGHTS_FILE], lambda: read(self.folder))

    def _of_prompts(self, name: str, read: Callable[[Path], Any]) -> Any:
        """What is read of insights, prompts and a person's choices."""
        names = (schema.INSIGHTS_FILE, schema.PROMPT_FILE, PROMPTS, CHOICES_FILE)
        return self.memory.of(
            f"prompt {name}", [self.folder / each for each in names], lambda: read(self.folder)
        )

    def _data(self, now: pd.Timestamp) -> dict[str, Any]:
        """The age of each file; null for one that cannot be read, which is said of that file alone, as is what lies ahead of the clock."""
        self._findings += self._files.packed()
        with suppress(RibbonError, OSError):  # which is said of the file
            self._findings += self._files.mixed()
        return {
            path.name: self._tried("data", lambda path=path: self._newest(path, now), path.name)
            for path in self._files.there()
        }

    def _newest(self, path: Path, now: pd.Timestamp) -> dict[str, Any] | None:
        newest, findings = self._files.newest(path, now)
        self._findings += findings
        return _aged(newest, now)

    def _markets(self, now: pd.Timestamp) -> dict[str, Any]:
        """The newest sample of each chart; null for one without, or that cannot be read, which `data` says."""
        found: dict[str, Any] = {}
        for name in schema.RIBBON_TIMEFRAMES:
            try:
                found[name] = self._market.now(name, now)
            except DataError:
                found[name] = None
        return found

    def _last_decision(self, now: pd.Timestamp) -> dict[str, Any] | None:
        rows = self._decisions.rows(now)
        _, findings = self._files.newest(self.folder / schema.DECISIONS_FILE, now)
        self._findings += [each | {"part": "last_decision"} for each in findings]
        if rows.empty:
            return None
        (row,) = told_decisions(rows, 1)
        last = rows.iloc[-1]
        return {
            **(_aged(last["timestamp"], now) or {}),
            **{name: row[name] for name in ("decision_id", "direction")},
            "reason_code": str(last["reason_code"]),
            "model": row["model"],
            "confidence": row["confidence"],
            "executed": bool(last["executed"]),
            "answered": is_answer(last),
        }

    def _last_cycle(self, now: pd.Timestamp) -> dict[str, Any] | None:
        published = self._of_insights("last cycle", published_as_of)
        if told := ahead_of_clock(published, now):
            self._findings.append({"part": "cycle", "what": told, "fix": AHEAD_FIX})
        return _aged(published, now)

    def _experiment(self, now_us: int) -> dict[str, Any] | None:
        """Where the newest experiment stands; null where none was begun. Judged anew when its log has grown."""
        path = self.folder / EXPERIMENTS_FILE
        return self.memory.of("experiment", [path], lambda: standing(self.folder, now_us))

    def _model(self, now_us: int) -> dict[str, Any] | None:
        """What the model cost today, and the basis points that each of its trades must earn to pay for it; null without events to read."""
        try:
            events = self._events.events(now_us)
        except (RibbonError, OSError):
            return None  # said of the account
        midnight = stamp(now_us - now_us % DAY)
        rows = self._decisions.rows(stamp(now_us).floor("s"))
        fills = [event for event in events if event.kind == "fill" and event.at >= now_us - now_us % DAY]
        spent = self.memory.of("spend", [self.folder / SPEND_FILE], self._spend.poll)
        today = day_of(midnight.to_pydatetime())
        cost = cost_of([day for day in spent.values() if day.day == today], self.limits)
        value = sum(fill.size * fill.price for fill in fills) / len(fills) if fills else 0.0
        return {
            **asdict(cost),
            "words": cost.words(),
            "day_decisions": int((rows["timestamp"] >= midnight).sum()),
            "breakeven_bp_per_trade": model_cost_bp(cost.counted_usd, value, len(fills)),
        }

    def _ticks(self) -> list[dict[str, str]]:
        path = self.folder / TICKS_FILE
        return self.memory.of("ticks", [path], lambda: tick_rows(path))

    def _last_tick(self, now: pd.Timestamp) -> dict[str, Any] | None:
        ticks = self._ticks()
        if not ticks:
            return None
        row = dict(ticks[-1])
        return (_aged(pd.Timestamp(row.pop("timestamp")), now) or {}) | row

    def _collector(self, now: pd.Timestamp) -> Any:
        """`collector.json` as it is, and what is wrong by it among the findings; null where there is none."""
        state = self.memory.of("collector", [self.folder / STATE_FILE], lambda: read_collector(self.folder))
        if state is None:
            return None
        self._tell("collector", state.findings(now))
        return state.as_dict()

    def _claude(self, now: pd.Timestamp) -> Any:
        """`claude.json`, likewise."""
        path = self.folder / STANDING_FILE
        found = self.memory.of(
            "claude",
            [path],
            lambda: read_standing(self.folder, now) and (*read_standing(self.folder, now), now),
        )
        if found is None:
            return None
        state, age_s, then = found
        self._tell("claude", state.findings(age_s + (now - then).total_seconds()))
        told = state.summary()
        del told["cost"]  # as of its last decision; `model` has what it is now
        return told


def _price(market: dict[str, Any] | None) -> float | None:
    """The newest price to trade at; null where there is none."""
    main = (market or {}).get("5min")
    return main["price"] if main and main["usable"] else None


def _aged(at: pd.Timestamp | None, now: pd.Timestamp) -> dict[str, Any] | None:
    return None if at is None else {"at": iso(at), "age_s": round(seconds_ago(at, now), 1)}
