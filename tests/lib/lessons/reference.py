"""The ledger once more, in plain loops over all that was ever seen: written from docs/evidence-method.md, slow, easy to check.

It shares no arithmetic with lib.lessons: returns are kept in lists and everything is reckoned anew from them.
"""

from __future__ import annotations

from math import exp, inf, log
from statistics import NormalDist

import numpy as np
from scipy import stats

from lib.lessons.hypotheses import FAMILIES, initial_hypotheses, value_hypotheses

DAY_US = 86_400_000_000
GRIDS = {
    False: ((1.0, 1.8), (0.5, 0.5)),
    True: ((0.4, 0.8, 1.2, 1.6), (0.15, 0.25, 0.30, 0.30)),
}


def alpha(k):
    return 0.035 * 0.5 / 60 if k <= 60 else 0.035 * 0.5 * 60 / (k * (k - 1))


def mixture(bets, pair):
    """Log of sum_j w_j prod (1 + min(rate_j, 0.9 / B) x)^(1/V) over bets (x, B, V)."""
    logs = []
    for rate, weight in zip(*GRIDS[pair], strict=True):
        total = log(weight)
        for x, worst, tempering in bets:
            factor = 1 + min(rate, 0.9 / worst) * x
            total += log(factor) / tempering if factor > 0 else -inf
        logs.append(total)
    top = max(logs)
    return -inf if top == -inf else top + log(sum(exp(value - top) for value in logs))


def inflation(cells):
    """V = 1 + (m - 1) ICC of days nested in groups, over {(group, day): [x, ...]}; 1 where an F test at 2 % sees no days."""
    groups = {group for group, _ in cells}
    x_of = {group: [x for (name, _), xs in cells.items() if name == group for x in xs] for group in groups}
    n = sum(len(xs) for xs in cells.values())
    between_df, within_df = len(cells) - len(groups), n - len(cells)
    if between_df < 5 or within_df < 5:
        return 1.0
    between = sum(len(xs) * (np.mean(xs) - np.mean(x_of[group])) ** 2 for (group, _), xs in cells.items())
    within = sum((x - np.mean(xs)) ** 2 for xs in cells.values() for x in xs)
    msb, msw = between / between_df, within / within_df
    squares = sum(len(xs) ** 2 / len(x_of[group]) for (group, _), xs in cells.items())
    size = (n - squares) / between_df
    if size <= 1 or stats.f.sf(msb / msw, between_df, within_df) > 0.02:
        return 1.0
    icc = (msb - msw) / (msb + (size - 1) * msw)
    return max(1.0, 1 + (sum(len(xs) ** 2 for xs in cells.values()) / n - 1) * icc)


def newest(alone):
    """The newest free episodes of both sides that make a pair: of the side with more so many as there are for one of the other."""
    ratio = (10 + sum(mine for mine, *_ in alone)) / (10 + sum(not mine for mine, *_ in alone))
    most = min(16, int(max(ratio, 1 / ratio) + 0.5))
    wanted = {True: most if ratio > 1 else 1, False: 1 if ratio > 1 else most}
    found = {}
    for side, count in wanted.items():
        found[side] = [episode for episode in alone if episode[0] == side and episode[3]][-count:]
        if len(found[side]) < count:
            return None
    return found[True], found[False]


class Asked:
    """One hypothesis and all that it ever saw."""

    def __init__(self, hypothesis, k, born):
        self.hypothesis, self.k, self.born = hypothesis, k, born
        self.trades, self.bets = [], []  # net returns; (x on its own side, worst loss of that, V)
        self.alone = []  # episodes that hold trades of one side only: [its own, mean, worst, free]
        self.status, self.why, self.since, self.proven, self.large = "candidate", "registered", born, 0, 0
        self.after, self.doubt = [], 1.0  # ends of episodes since proven

    @property
    def pair(self):
        return self.hypothesis.claim == "beats"

    def mean(self):
        sign = -1 if self.hypothesis.claim == "below" else 1
        return sign * sum(x for x, _, _ in self.bets) / len(self.bets)

    def sd(self):
        xs = [x for x, _, _ in self.bets]
        return 0.16 if len(xs) < 20 else max(float(np.std(xs)), 0.16)

    def effect(self):
        return sum(x for x, _, _ in self.bets) / (len(self.bets) + 25)

    def see(self, x, worst, tempering, at):
        own = -x if self.hypothesis.claim == "below" else x
        self.bets.append((own, worst, tempering))
        if self.status == "candidate":
            if mixture(self.bets, self.pair) >= -log(alpha(self.k)):
                self.proven = at
                self.large = at if self.effect() >= 0.02 else 0
                self.turn("proven", "evidence", at)
                return
            z = NormalDist().inv_cdf(1 - alpha(self.k)) + NormalDist().inv_cdf(0.8)
            if len(self.bets) > 3 * (z * self.sd() / 0.05) ** 2 * tempering:
                self.turn("ended", "shelved", at)
            return
        self.after.append(at)
        self.doubt = max(1.0, self.doubt) * max(0.0, 1 + 1.2 * (0.03 - own))
        if self.doubt >= 20:
            self.turn("ended", "no_longer", at)
        elif not self.large and self.effect() >= 0.02:
            self.large = at

    def due(self):
        if self.status != "proven":
            return None
        return (self.after[-30] if len(self.after) >= 30 else self.proven) + 45 * DAY_US

    def turn(self, status, why, at):
        self.status, self.why, self.since = status, why, at


class Reference:
    """All hypotheses, by number; fed with (begun, ended, rows) in order of ending, rows as dicts of the stream's table."""

    def __init__(self):
        self.asked, self.changes = [], []
        self.days = {}  # family -> {(group, day): means}
        self.best, self.inflations = {}, {}
        for hypothesis in initial_hypotheses():
            self.ask(hypothesis, 0)

    def ask(self, hypothesis, at):
        self.asked.append(Asked(hypothesis, len(self.asked) + 1, at))

    def open(self, stream, family=None, value=None):
        return [
            one
            for one in self.asked
            if one.status != "ended"
            and one.hypothesis.stream == stream
            and family in (None, one.hypothesis.family)
            and value in (None, one.hypothesis.value)
        ]

    def feed(self, stream, begun, ended, rows):
        self.expire(ended, stream)
        for family in FAMILIES[stream]:
            named = [row for row in rows if row[family]]
            if named:
                self.feed_family(stream, family, begun, ended, named)

    def feed_family(self, stream, family, begun, ended, rows):
        key = stream, family
        self.best[key] = max(self.best.get(key, 0), *(row["best_pct"] for row in rows))
        waiting = [one for one in self.open(stream, family) if one.pair and one.born <= begun]
        for value in dict.fromkeys(row[family] for row in rows):
            mine = [row for row in rows if row[family] == value]
            known = [one for one in self.asked if one.hypothesis[:3] == (stream, family, value)]
            if not known:
                for hypothesis in value_hypotheses(stream, family, value):
                    self.ask(hypothesis, ended)
                continue
            mean = sum(row["net_pct"] for row in mine) / len(mine)
            self.days.setdefault(key, {}).setdefault((value, ended // DAY_US), []).append(mean)
            for one in self.open(stream, family, value):
                if one.born > begun:
                    continue
                one.trades += [row["net_pct"] for row in mine]
                if not one.pair:
                    side = "best_pct" if one.hypothesis.claim == "below" else "worst_pct"
                    self.told(one, mean, max(row[side] for row in mine), key, ended)
        self.pair(waiting, family, ended, rows)

    def pair(self, waiting, family, ended, rows):
        for one in waiting:
            key = one.hypothesis.stream, family
            mine = [row for row in rows if row[family] == one.hypothesis.value]
            others = [row for row in rows if row[family] != one.hypothesis.value]
            means = [
                sum(row["net_pct"] for row in side) / len(side) if side else None for side in (mine, others)
            ]
            worst = max((row["worst_pct"] for row in mine), default=0)
            if mine and others:
                self.told(one, means[0] - means[1], worst + self.best[key], key, ended)
                continue
            one.alone.append([bool(mine), means[0] if mine else means[1], worst, True])
            free = [episode for episode in one.alone if episode[0] == bool(mine) and episode[3]]
            for episode in free[:-60]:
                episode[3] = False
            while pair := newest(one.alone):
                for episode in pair[0] + pair[1]:
                    episode[3] = False
                x = np.mean([x for _, x, _, _ in pair[0]]) - np.mean([x for _, x, _, _ in pair[1]])
                self.told(one, x, max(worst for _, _, worst, _ in pair[0]) + self.best[key], key, ended)
                if one.status == "ended":
                    break

    def told(self, one, x, worst, key, at):
        before = one.status, one.large
        one.see(x, worst, self.inflated(key, at // DAY_US), at)
        if one.status != before[0]:
            self.note(one)
        elif one.large != before[1]:
            self.changes.append((one.hypothesis.id, at, "proven", "size"))

    def inflated(self, key, day):
        """By the days before that one; reckoned once a day, because it is slow."""
        if (key, day) not in self.inflations:
            past = {cell: xs for cell, xs in self.days.get(key, {}).items() if cell[1] < day}
            self.inflations[key, day] = inflation(past)
        return self.inflations[key, day]

    def expire(self, at, stream=None):
        for one in list(self.asked):
            if stream in (None, one.hypothesis.stream) and one.due() is not None and one.due() <= at:
                one.turn("ended", "expired", one.due())
                self.note(one)

    def note(self, one):
        self.changes.append((one.hypothesis.id, one.since, one.status, one.why))
        if one.why in ("no_longer", "expired"):
            self.ask(one.hypothesis._replace(round=one.hypothesis.round + 1), one.since)
