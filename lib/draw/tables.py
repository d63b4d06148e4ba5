"""Tables of notebooks: signed dollars, and no percentage without its n and interval.

A `Table` shows as a styled table in a notebook and in a report, and as aligned plain text on a terminal (and so the same bytes in every
run). Every text is escaped: names may have come out of a file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from lib.contract.dollars import A_COIN, CENTS, Coin
from lib.contract.envelope import ResultEnvelope
from lib.contract.optimal_vs_actual import PatternStats
from lib.contract.results import GroupStats, NamedGroup
from lib.draw.groups import enough, named
from lib.draw.html import NO_FORMULAS, Folded, escape
from lib.draw.numbers import LEAST, bounds, dollars, per_coin, percent
from lib.draw.words import moments, name_words, setup_words

#: What JupyterLab would set to the right.
_LEFT = ' style="text-align: left"'
#: What a card leaves out, and a table of columns shows as a dash.
_NONE = ' class="none"'


class Table:
    """Rows of texts ready to show; `frame` has them as they are, unescaped. Without a head it is a list of names and values."""

    def __init__(
        self, frame: pd.DataFrame, caption: str = "", *, left: bool = False, head: bool = True
    ) -> None:
        self.frame, self.caption, self.left, self.head = frame, caption, left, head

    def _repr_html_(self) -> str:
        if self.frame.empty:
            return f'<p class="{NO_FORMULAS}">{escape(repr(self))}</p>'
        names = [escape(name) for name in self.frame.columns]
        caption = f"<caption{_LEFT}>{escape(self.caption)}</caption>" if self.caption else ""
        return (
            f'<table class="{"cards" if self.head else "facts"} {NO_FORMULAS}">{caption}{self._head(names)}<tbody>'
            + "".join(self._row(names, values) for values in self.frame.to_numpy().tolist())
            + "</tbody></table>"
        )

    def _head(self, names: list[str]) -> str:
        if not self.head:
            return ""
        cells = (
            f'<th scope="col"{_LEFT if self.left or not place else ""}>{name}</th>'
            for place, name in enumerate(names)
        )
        return f"<thead><tr>{''.join(cells)}</tr></thead>"

    def _row(self, names: list[str], values: list[object]) -> str:
        first, *others = map(escape, values)
        style = _LEFT if self.left else ""
        # Where there is no room for columns, each cell stands below the other with the name of its column.
        labels = (f' data-label="{name}"' if self.head else "" for name in names[1:])
        cells = (
            f"<td{style}{label}{_NONE if self.head and value == '–' else ''}>{value}</td>"
            for label, value in zip(labels, others, strict=True)
        )
        return f'<tr><th scope="row"{_LEFT}>{first}</th>{"".join(cells)}</tr>'

    def folded(self) -> Folded:
        """The table behind its caption."""
        return Folded(self.caption, Table(self.frame, left=self.left, head=self.head))

    def __repr__(self) -> str:
        if self.frame.empty:
            return f"{self.caption}: nothing to show" if self.caption else "nothing to show"
        text = self.frame.to_string(index=False, header=self.head)
        return f"{self.caption}\n{text}" if self.caption else text


def rate_text(group: GroupStats) -> str:
    """Win rate with its n and interval: "44.4 % (n 45, 31–59)"; "– (n 0)" where there is none, "too few (n 3)" below LEAST."""
    if 0 < group.total < LEAST:
        return f"too few (n {group.total})"
    interval = bounds(group.win_rate_low, group.win_rate_high, 0)
    return f"{percent(group.win_rate)} (n {group.total}{', ' + interval if interval else ''})"


def net_text(group: GroupStats) -> str:
    """Net mean per episode with its n and interval: "−0.031 % (n 12, −0.110 to +0.048)", n counting episodes."""
    if 0 < group.episodes < LEAST:
        return f"too few (n {group.episodes})"
    interval = bounds(group.net_low_pct, group.net_high_pct, 3)
    return f"{percent(group.net_mean_pct, 3, signed=True)} (n {group.episodes}{', ' + interval if interval else ''})"


def show_groups(
    groups: Sequence[GroupStats] | Mapping[str, GroupStats] | None,
    *,
    caption: str = "",
    heading: str = "group",
    keep_empty: bool = True,
    coin: Coin = A_COIN,
) -> Table:
    """One row a group: win rate, net P&L and net mean per episode, each with n; `heading` names the first column.

    The account's money stands beside that of one coin where it is another. Of a group below LEAST no rate is said.
    """
    pairs = named(dict(groups) if isinstance(groups, Mapping) else groups)
    shown = any(has_own_sizes(group) for _, group in pairs)
    rows = [
        {
            heading: name,
            "won, net (95 %)": rate_text(group),
            f"net P&L {per_coin(coin)}": dollars(group.total_pnl, coin),
            **({"net P&L of the account": account_text(group)} if shown else {}),
            "net mean an episode (95 %)": net_text(group),
        }
        for name, group in pairs
        if keep_empty or group.total
    ]
    return show_rows(rows, caption=caption)


def show_few(
    groups: Sequence[GroupStats] | Mapping[str, GroupStats], *, heading: str = "group", coin: Coin = A_COIN
) -> Table | Folded:
    """As `show_groups`; folded where no group has LEAST trades, as then it says nothing."""
    shown = show_groups(groups, heading=heading, coin=coin)
    found = list(groups.values() if isinstance(groups, Mapping) else groups)
    if not found or enough(found):
        return shown
    total = sum(group.total for group in found)
    return Folded(f"Fewer than {LEAST} of each {heading}: too few to judge (n {total})", shown)


def has_own_sizes(group: GroupStats) -> bool:
    """Whether the account's money is another than that of one coin a trade, by more than fees are rounded by."""
    if group.account_pnl is None:
        return False
    off = abs(group.account_pnl - group.total_pnl)
    return off > 0.005 * group.total + 0.005 or group.account_trades != group.total


def account_text(group: GroupStats) -> str:
    """The account's money, and of how many trades where not all log a size: "−$12.50 (3 of 5)"."""
    partial = f" ({group.account_trades} of {group.total})" if group.account_trades != group.total else ""
    return dollars(group.account_pnl) + (partial if group.account_pnl is not None else "")


def show_patterns(patterns: Sequence[PatternStats] | None, coin: Coin = A_COIN) -> Table:
    """The window's events by signature: what the standard exits made of all of them, and how many perfect timing took; signatures that
    were seen fewer than LEAST times are only counted, in the last row.
    """
    found = list(patterns or [])
    often = [pattern for pattern in found if pattern.seen is None or pattern.seen >= LEAST]
    rows = [
        {
            "setup": setup_words(pattern.signature),
            "seen": None if pattern.seen is None else f"{pattern.seen:,}",
            "standard exits": _exits_text(pattern),
            f"perfect timing, {per_coin(coin)}": f"{pattern.count:,}, {dollars(pattern.avg_pnl, coin)} "
            f"({percent(pattern.avg_pnl_pct, 2, signed=True)}) each"
            if pattern.count
            else "none",
        }
        for pattern in often
    ]
    few = len(found) - len(often)
    if few:
        unknown = dict.fromkeys(("standard exits", f"perfect timing, {per_coin(coin)}"))
        rows.append({"setup": f"{few} more kinds", "seen": f"below {LEAST} each", **unknown})
    return show_rows(rows)


def _exits_text(pattern: PatternStats) -> str | None:
    made = pattern.standard
    if made is None or not made.n:
        return None
    mean = percent(made.net_mean_pct, 3, signed=True)
    return f"{percent(made.win_rate, 0)} won, mean {mean} (n {made.n})"


def show_exits(groups: Sequence[NamedGroup], coin: Coin = A_COIN) -> Table:
    """Exit reasons with how many of each were in profit, their money and mean: no rate, as a target always wins and a stop always loses."""
    own = any(map(has_own_sizes, groups))
    return show_rows(
        {
            "exit": name_words(group.name),
            "trades": f"{group.total:,}",
            "in profit": f"{group.wins:,}",
            f"net P&L {per_coin(coin)}": dollars(group.total_pnl, coin),
            **({"net P&L of the account": account_text(group)} if own else {}),
            "net mean an episode": net_text(group),
        }
        for group in groups
    )


def show_rows(rows: Iterable[Mapping[str, Any]], *, caption: str = "") -> Table:
    """Any rows of texts as a table, columns in the order of the first row; None shows as an en dash, times as pages have them."""
    frame = pd.DataFrame(
        [{key: "–" if value is None else moments(str(value)) for key, value in row.items()} for row in rows]
    )
    return Table(frame, caption)


def show_facts(facts: Mapping[str, Any], *, caption: str = "") -> Table:
    """Names and values in two columns."""
    rows = show_rows([{"what": name, "value": value} for name, value in facts.items()])
    return Table(rows.frame, caption, left=True, head=False)


def show_result(published: ResultEnvelope) -> Table:
    """The last cell of an analyzer notebook: what was published, from whose data, up to when, with its headline figures."""
    source = published.source.get("label") or published.source.get("decisions") or "unknown"
    rejected = sum(
        int(counts.get("rows_in", 0)) - int(counts.get("ok", 0)) for counts in published.rows.values()
    )
    read = sum(int(counts.get("rows_in", 0)) for counts in published.rows.values())
    facts = {
        "result": published.name,
        "source": source,
        "window": f"{published.window_start} to {published.as_of} ({published.lookback_hours:g} h)",
        "data until": published.data_until,
        "rows read": f"{read:,}, of which set aside: {rejected:,}",
    }
    return show_facts(
        facts | _headline(published.result, Coin.of(published.source)),
        caption=f"Published: {published.name}",
    )


def _headline(result: Mapping[str, Any], coin: Coin) -> dict[str, str]:
    """The plain figures of a result, each by its key: dollars signed, percentages with the n they rest on."""
    shown: dict[str, str] = {}
    for key, value in result.items():
        if isinstance(value, bool | dict | list) or value is None or key in _NOT_SHOWN:
            continue
        if key.endswith(("win_rate", "_pct", "_share")):
            shown[key] = _counted(result, key, float(value))
        elif isinstance(value, float):
            shown[key] = _amount(key, value, coin)
        else:
            shown[key] = f"{value:,}" if isinstance(value, int) else str(value)
    return shown


def _amount(key: str, value: float, coin: Coin) -> str:
    """A plain number in the unit that its key names; dollars with whose they are."""
    account = key.startswith("account_")
    whose, decimals = ("of the account", CENTS) if account else (per_coin(coin), coin.decimals)
    if "drawdown" in key:
        return f"{dollars(-value, decimals)} {whose}"
    if "hold" in key or "minutes" in key:
        return f"{value:,.1f} min"
    is_money = "pnl" in key or key in ("avg_profit_per_trade", "account_fees")
    return f"{dollars(value, decimals)} {whose}" if is_money else f"{value:,.2f}"


#: What a percentage counts, by the start of its key; without one it is the result's own trades.
_COUNTS = {
    "optimal_": "optimal_trades",
    "actual_": "actual_trades",
    "range_pct": "",
    "change_pct": "",
    "breakeven": "",
}
#: 100 by construction.
_NOT_SHOWN = ("optimal_win_rate",)
_SETTINGS = ("target_pct", "stop_pct")
_UNSIGNED = (*_SETTINGS, "range_pct")


def _counted(result: Mapping[str, Any], key: str, value: float) -> str:
    signed = key.endswith("_pct") and key not in _UNSIGNED
    if "drawdown" in key:
        # Results keep the depth as a positive number; to a reader it is a loss.
        value = -value
    text = percent(value, 1 if key.endswith(("win_rate", "_share")) else 2, signed=signed)
    if key in _SETTINGS:
        return text
    count = next((name for start, name in _COUNTS.items() if key.startswith(start)), "total_trades")
    total = result.get(count)
    if total is None:
        return text
    overall = result.get("overall")
    if key == "win_rate" and isinstance(overall, Mapping):
        return rate_text(GroupStats.model_validate(overall))
    return f"{text} (n {total})"
