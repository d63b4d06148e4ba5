"""The evidence of one hypothesis, and what becomes of it: candidate, proven, ended.

Proven is latched at the first episode after which the e-value reaches the hypothesis' own level, which is at least as strict as a look
every hour. So is that a proven one is large enough to act on, at the first episode after which its effect is. What has ended stays ended:
the question is asked again as a new hypothesis, with a new level and no evidence.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from math import inf
from typing import Any, Literal, NamedTuple

from lib.lessons.hypotheses import Hypothesis, hypothesis_of, level_of, log_needed_of
from lib.lessons.pairs import Pairing
from lib.stats.betting import DIFFERENCE, MEAN, Mixture
from lib.stats.levels import fixed_sample_size, shrink
from lib.stats.retirement import LIVE_DAYS, LIVE_EPISODES, RETIRED_AT, watch

Status = Literal["candidate", "proven", "ended"]
#: What made it so; "size" is why a proven one is not too small any more. A lesson ends because it is no longer true, has expired (too few
#: episodes of late), was shelved (enough seen and nothing shown), or because a person says so.
Why = Literal["registered", "evidence", "size", "no_longer", "expired", "shelved", "person"]
#: The effect, percent net an episode, from which a proven lesson is not too small to act on.
_LEAST_EFFECT_PCT = 0.02
#: A candidate that has seen so many times the fixed-sample number, of dependent days that many more, is shelved: its level stays spent.
_SHELVED_AFTER = 3.0
_USUAL_SD_PCT = 0.16
_LEAST_FOR_SD = 20
DAY = 86_400_000_000
#: Stands for minus infinity, which neither JSON nor SQLite knows.
_LEAST_LOG_E = -1e9


class Snapshot(NamedTuple):
    """A hypothesis as it stood at an instant: one row of the ledger. Times in microseconds, returns in percent net, null at no trade."""

    id: str
    k: int
    registered: int
    at: int  #: of the exit, or whatever else, that changed it
    status: str
    why: str
    since: int
    proven: int  #: when it was proven; 0 if it never was
    large: int  #: when its effect was first large enough to act on; 0 if it never was
    n: int
    wins: int
    episodes: int
    mean: float | None  #: per episode, on the raw side; of "beats" the difference
    trade_mean: float | None
    mean_gain: float | None  #: of the winners
    mean_loss: float | None  #: of the losers, as a size
    sd: float  #: of episode means, or differences
    log_e: float
    doubt: float
    beyond: int


class Change(NamedTuple):
    """A status that changed, or a proven one that became large enough, at an instant (microseconds)."""

    id: str
    at: int
    status: Status
    why: Why


@dataclass(slots=True)
class Evidence:
    """What a hypothesis has seen since it was registered; `born` and `since` in microseconds, returns in percent net.

    `total` and `squares` are sums of episode means, or of differences to the others for "beats"; `sums` the log capital of its bets.
    """

    hypothesis: Hypothesis
    k: int
    born: int
    n: int = 0
    wins: int = 0
    trade_total: float = 0.0
    gains: float = 0.0  #: sum of the winners' net returns
    episodes: int = 0
    total: float = 0.0
    squares: float = 0.0
    sums: list[float] = field(default_factory=list)
    status: Status = "candidate"
    since: int = 0
    why: Why = "registered"
    proven_at: int = 0
    large_at: int = 0
    doubt: float = 1.0
    recent: list[int] = field(default_factory=list)  #: ends of the last episodes since it was proven
    last: int = 0  #: end of the newest episode that counted
    beyond: int = 0  #: losses larger than declared
    pairing: Pairing = field(default_factory=Pairing)  #: of "beats"
    needed: float = field(default=inf, repr=False)  #: log e-value at which it is proven
    size_factor: float = field(default=inf, repr=False)

    def __post_init__(self) -> None:
        self.sums = self.sums or self.mixture.start()
        self.needed = log_needed_of(self.hypothesis, self.k)
        self.size_factor = fixed_sample_size(level_of(self.hypothesis, self.k), 1.0)

    @property
    def mixture(self) -> Mixture:
        """Its bets."""
        return DIFFERENCE if self.hypothesis.claim == "beats" else MEAN

    @property
    def sign(self) -> float:
        """The side that it claims: -1 for "below", else +1."""
        return -1.0 if self.hypothesis.claim == "below" else 1.0

    @property
    def mean(self) -> float:
        """Mean of its observations, percent."""
        return self.total / self.episodes if self.episodes else 0.0

    @property
    def sd(self) -> float:
        """Their standard deviation, at least that of usual trades: the bets are made for those, so that what spreads less needs no
        fewer, and fixed exits that all ended alike show no spread at all.
        """
        if self.episodes < _LEAST_FOR_SD:
            return _USUAL_SD_PCT
        return max(max(self.squares / self.episodes - self.mean**2, 0.0) ** 0.5, _USUAL_SD_PCT)

    @property
    def effect(self) -> float:
        """The shrunk mean on its own side, percent."""
        return shrink(self.sign * self.mean, self.episodes)

    def count(self, trades: int, wins: int, net: float, gains: float, at: int) -> None:
        """Trades of the group in one more episode: how many, how many won, their net returns and the winners' alone, when it ended."""
        self.last = max(self.last, at)
        self.n += trades
        self.wins += wins
        self.trade_total += net
        self.gains += gains

    def observe(self, x: float, worst: float, tempering: float, at: int) -> Change | None:
        """One more observation, on the raw side; returns the change that it causes."""
        self.episodes += 1
        self.total += x
        self.squares += x * x
        own = self.sign * x
        self.beyond += own < -worst
        self.mixture.bet(self.sums, own, worst, tempering)
        if self.status == "candidate":
            return self._judged(tempering, at)
        self.doubt = watch(self.doubt, own)
        self.recent = [*self.recent[-LIVE_EPISODES + 1 :], at]
        if self.doubt >= RETIRED_AT:
            return self.become("ended", "no_longer", at)
        return self._sized("size", at)

    def _judged(self, tempering: float, at: int) -> Change | None:
        # The mixture is worth no more than its best bet, and the spread is no smaller than the usual one: most need no closer look.
        if max(self.sums) >= self.needed and self.mixture.log_e(self.sums) >= self.needed:
            self.proven_at = at
            self._sized("evidence", at)
            return self.become("proven", "evidence", at)
        most = _SHELVED_AFTER * self.size_factor * tempering
        if self.episodes > most * _USUAL_SD_PCT**2 and self.episodes > most * self.sd**2:
            return self.become("ended", "shelved", at)
        return None

    def _sized(self, why: Why, at: int) -> Change | None:
        """Note from when on its effect is large enough, the first time that it is."""
        if self.large_at or self.effect < _LEAST_EFFECT_PCT:
            return None
        self.large_at = at
        return Change(self.hypothesis.id, at, "proven", why)

    def expires_at(self) -> int | None:
        """When it expires if nothing more is seen; None while it is no lesson."""
        if self.status != "proven":
            return None
        first = self.recent[0] if len(self.recent) == LIVE_EPISODES else self.proven_at
        return first + LIVE_DAYS * DAY

    def become(self, status: Status, why: Why, at: int) -> Change:
        """Change its status."""
        self.status, self.why, self.since = status, why, at
        return Change(self.hypothesis.id, at, status, why)

    def snapshot(self) -> Snapshot:
        """As it stands."""
        n, losses = self.n, self.n - self.wins
        return Snapshot(
            id=self.hypothesis.id,
            k=self.k,
            registered=self.born,
            at=max(self.last, self.since),
            status=self.status,
            why=self.why,
            since=self.since,
            proven=self.proven_at,
            large=self.large_at,
            n=n,
            wins=self.wins,
            episodes=self.episodes,
            mean=self.mean if self.episodes else None,
            trade_mean=self.trade_total / n if n else None,
            mean_gain=self.gains / self.wins if self.wins else None,
            mean_loss=(self.gains - self.trade_total) / losses if losses else None,
            sd=self.sd,
            log_e=max(self.mixture.log_e(self.sums), _LEAST_LOG_E),
            doubt=self.doubt,
            beyond=self.beyond,
        )

    def as_dict(self) -> dict[str, Any]:
        """As JSON, to be written at once: lists are its own, not copies. An empty bet is null."""
        found = {name: getattr(self, name) for name in _KEPT}
        found["hypothesis"], found["pairing"] = self.hypothesis.id, self.pairing.as_dict()
        found["sums"] = [None if value == -inf else value for value in self.sums]
        return found

    @classmethod
    def from_dict(cls, found: dict[str, Any]) -> Evidence:
        """Back from JSON; raises ValueError for an id that is none."""
        sums = [-inf if value is None else value for value in found["sums"]]
        ours = {
            "hypothesis": hypothesis_of(found["hypothesis"]),
            "sums": sums,
            "pairing": Pairing(**found["pairing"]),
        }
        return cls(**(found | ours))


#: What is kept of it: `needed` and `size_factor` follow from its number.
_KEPT = [part.name for part in fields(Evidence) if part.repr]
