"""The line of the whole log: its places against the sums that it is of, and its words."""

from __future__ import annotations

import re

import pytest
from bs4 import BeautifulSoup

from lib.contract.dollars import Coin
from lib.contract.results import GroupStats
from lib.draw.equity import SMALL, TALL, Equity, cycles_words, in_all_sentence, in_all_words
from lib.history.whole_log import LessonMark, LogPoint, ToldFrom, WholeLog


def day(number: float) -> str:
    whole, part = divmod(number, 1)
    return f"2025-06-{1 + int(whole):02d}T{round(24 * part):02d}:00:00Z"


def log(*sums: tuple[float, float, float], trades: int = 50, marks: tuple = (), **more) -> WholeLog:
    """A log of ten days by (day, net, gross)."""
    points = [LogPoint(at=day(at), net=net, gross=gross) for at, net, gross in sums]
    nets = [0.0, *(net for _, net, _ in sums)]
    found = WholeLog(
        as_of=day(10),
        trades=trades,
        since=day(0),
        net=nets[-1],
        gross=points[-1].gross if points else 0.0,
        lowest=min(nets),
        highest=max(nets),
        points=points,
        cycles=6,
        marks=list(marks),
    )
    return found.model_copy(update=more)


SUMS = ((2, 100.0, 150.0), (5, -50.0, 300.0), (8, -250.0, 400.0))


def mark(at: float, kind: str = "ended", *lessons: str, count: int = 0) -> LessonMark:
    return LessonMark(at=day(at), kind=kind, lessons=list(lessons), count=count or len(lessons))


def shown(log: WholeLog, height: int = TALL) -> BeautifulSoup:
    return BeautifulSoup(Equity(log, height)._repr_html_(), "html.parser")


def steps(path) -> list[tuple[float, float]]:
    """The corners of a path of M, H and V."""
    corners, x, y = [], 0.0, 0.0
    for command, numbers in re.findall(r"([MHV])([-\d.,]+)", path["d"]):
        if command == "M":
            x, y = map(float, numbers.split(","))
        elif command == "H":
            x = float(numbers)
        else:
            y = float(numbers)
            corners.append((x, y))
    return [*corners, (x, y)]


@pytest.mark.parametrize("height", [TALL, SMALL])
def test_each_sum_lies_where_its_day_and_its_dollars_are(height):
    page = shown(log(*SUMS), height)
    gross, net = page.find_all("path")
    assert gross["stroke-dasharray"] and "stroke-dasharray" not in net.attrs
    # +$400 lies 60 below the top and −$250 40 above the bottom; each step is at the exit, and the last sum stands until now.
    a_dollar = (height - 100) / 650
    for path, column in ((net, 1), (gross, 2)):
        corners = steps(path)
        assert [x for x, _ in corners] == [200.0, 500.0, 800.0, 1000.0]
        expected = [60 + (400 - row[column]) * a_dollar for row in SUMS]
        assert [y for _, y in corners] == pytest.approx([*expected, expected[-1]], abs=0.06)
        assert path["d"].startswith(f"M0.0,{round(60 + 400 * a_dollar, 1)}H200.0")


def test_round_sums_have_a_line_and_their_dollars():
    page = shown(log(*SUMS))
    left, right = page.div.find_all("svg", recursive=False)
    assert [text.get_text() for text in left.find_all("text")] == ["$0"]
    lines = [float(each["y1"]) for each in right.find_all("line", recursive=False)]
    assert [float(text["y"]) - 4 for text in left.find_all("text")] == pytest.approx(lines)
    wide = shown(log((5, 900.0, 1_200.0), (8, 1_800.0, 2_900.0)))
    labels = [text.get_text() for text in wide.svg.find_all("text")]
    assert labels == ["$0", "+$1,000", "+$2,000"]
    assert int(wide.svg["width"]) >= 7 * len("+$2,000")
    assert [text.get_text() for text in shown(log((5, 0.1, 0.13))).svg.find_all("text")] == [
        "$0.00",
        "+$0.05",
        "+$0.10",
    ]


def test_where_it_ends_is_said_beside_it_and_in_words():
    page = shown(log(*SUMS))
    texts = [text.get_text() for text in page.find_all("text")]
    assert {"before costs +$400.00", "net −$250.00", "2025-06-01", "2025-06-06", "2025-06-11"} <= set(texts)
    assert page.select_one("[role=img]")["aria-label"] == (
        "Running P&L of 50 trades from 2025-06-01 to 2025-06-11: net −$250.00, at least −$250.00, at most +$100.00; "
        "before costs +$400.00"
    )
    assert "-$" not in str(page)


def test_a_day_or_less_has_hours():
    short = log((0.5, 1.0, 2.0), as_of=day(1))
    texts = [text.get_text() for text in shown(short).find_all("text")]
    assert texts[-3:] == ["06-01 00:00", "06-01 12:00", "06-02 00:00"]


def test_marks_that_lie_near_each_other_are_one_and_say_all_that_happened():
    marks = (
        mark(2, "proven", "A <gains>"),
        mark(2.25, "ended", "B gains"),
        mark(2.5, "ended", "C gains"),
        mark(2.7, "ended", "D gains"),
        mark(7, "told", count=3),
    )
    page = shown(log(*SUMS, marks=marks))
    assert [each.get_text() for each in page.find_all("li")] == [
        "2025-06-03: proven “A <gains>”; ended “B gains”, “C gains” and 1 more",
        "2025-06-08: Claude first told 3 lessons",
    ]
    numbers = {
        text.get_text(): text["x"] for text in page.select('text[font-weight="700"][text-anchor="middle"]')
    }
    assert numbers == {"1": "20.00%", "2": "70.00%"}
    small = shown(log(*SUMS, marks=marks), SMALL)
    assert small.li.get_text().endswith("ended “B gains” and 2 more")
    later = shown(log(*SUMS, marks=(mark(2.5, "ended", "B"), mark(3.1, "ended", "C"))))
    assert later.li.get_text() == "2025-06-03 to 06-04: ended “B”, “C”"


def test_of_many_marks_a_few_are_left_and_none_is_lost():
    page = shown(log(*SUMS, marks=tuple(mark(number / 4, "ended", f"L{number}") for number in range(40))))
    assert len(page.find_all("li")) <= 5
    said = " ".join(each.get_text() for each in page.find_all("li"))
    assert said.count("“L") + sum(map(int, re.findall(r"and (\d+) more", said))) == 40


def test_a_mark_from_before_the_first_trade_has_no_place():
    assert not shown(log(*SUMS, since=day(1), marks=(mark(0.5, "ended", "A"),))).find_all("li")


@pytest.mark.parametrize("trades", [0, 1, 4])
def test_fewer_than_five_trades_are_not_drawn(trades):
    few = Equity(log(*SUMS, trades=trades))
    assert few._repr_html_() == repr(few) == ""
    assert Equity(log(*SUMS, trades=5))._repr_html_()


def test_in_a_terminal_it_is_words():
    said = repr(Equity(log(*SUMS, marks=(mark(2, "proven", "A gains"),))))
    assert said.splitlines()[1] == "  1. 2025-06-03: proven “A gains”"


def test_what_all_trades_made_is_a_sentence():
    assert in_all_sentence(log(*SUMS), Coin("ETH")) == (
        "In all, 50 trades over 10 days lost $250.00 per 1 ETH: on average a trade made $8.00 before costs, and costs took $13.00."
    )
    one = log((0.5, 2.0, 2.0), trades=1, as_of=day(29 / 24), cycles=1)
    assert (
        in_all_words(one) == "In all, 1 trade over 29 hours made $2.00 per 1 coin. 1 cycle learned from it."
    )
    none = log(trades=0, since=None)
    assert in_all_words(none) == in_all_sentence(none) == "In all, no trade was closed yet."
    assert in_all_words(None) == "" and cycles_words(log(*SUMS)) == "6 cycles learned from them"
    assert in_all_words(log(unread="why", since=None)) == "What all trades made is not known: why."


def told_from(at: float, since: GroupStats) -> ToldFrom:
    before = group(40, -300.0, -0.05, -0.09, -0.01)
    return ToldFrom(at=day(at), before=before, since=since)


def group(total: int, money: float, *mean: float | None) -> GroupStats:
    means = dict(zip(("net_mean_pct", "net_low_pct", "net_high_pct"), mean, strict=False))
    return GroupStats(total=total, wins=0, win_rate=None, total_pnl=money, episodes=total, **means)


def tidy(part) -> str:
    return part.get_text(" ").replace("\u00a0", " ").replace("\u2060", "")


@pytest.mark.parametrize(
    ("at", "anchor", "words"),
    [
        (2, "start", "Claude told from here →"),
        (7.5, "end", "Claude told from here →"),
        (9.9, "end", "Claude told from here"),
    ],
)
def test_from_when_on_claude_is_told_is_large_on_the_line_with_both_figures(at, anchor, words):
    page = shown(log(*SUMS, told_from=told_from(at, group(10, 50.0, 0.02, -0.03, 0.07))))
    (label,) = [text for text in page.find_all("text") if "told" in text.get_text()]
    place = f"{100 * (whole_hours(at)):.2f}%"
    assert (label.get_text(), label["text-anchor"], label["x"]) == (words, anchor, place)
    ground = page.find("rect", class_="told")
    assert (ground["x"], ground["width"]) == (place, f"{100 * (1 - whole_hours(at)):.2f}%")
    before, since = page.find("div", class_="parted").find_all("div")
    assert "−$300.00" in tidy(before) and "on 40 trades" in tidy(before)
    assert tidy(before).endswith("on average −0.050 %") and "+$50.00" in tidy(since)
    assert tidy(since).endswith("on 10 trades; on average +0.020 %"), (
        "an interval beside each would look like a proof"
    )
    assert "That is no proof that telling helps or harms" in page.get_text()
    assert [part.strong["style"] for part in (before, since)] == [
        "font-size: 20px",
        "font-size: 20px; opacity: 0.7",
    ]
    (row,) = [text for text in page.find_all("text") if text.get("y") == "15"]
    assert row is label and all(
        float(line["y1"]) > 15 for line in page.select('line[stroke-dasharray="1 3"]')
    )


def whole_hours(at: float) -> float:
    """The share of the ten days at which `day` puts an instant, which is of whole hours."""
    return (int(at) + round(24 * (at % 1)) / 24) / 10


def test_without_a_lesson_told_nothing_is_parted_and_without_a_trade_since_it_is_said():
    assert "told from" not in str(shown(log(*SUMS))) and "parted" not in str(shown(log(*SUMS)))
    _, since = (
        shown(log(*SUMS, told_from=told_from(9, group(0, 0.0)))).find("div", class_="parted").find_all("div")
    )
    assert since.strong.get_text() == "–" and "no trade yet" in tidy(since)
    lines = repr(Equity(log(*SUMS, told_from=told_from(9, group(1, 5.0, 0.2))))).splitlines()
    assert lines[1].startswith("  Before Claude was told: −$300.00 net per 1 coin on 40 trades")
    assert lines[2].endswith("+$5.00 net per 1 coin on 1 trade; on average +0.200 %")
