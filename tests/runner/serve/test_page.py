"""What the page says, and that nothing of data is taken for more than text."""

from __future__ import annotations

import html
import json
import os
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from runner.serve.page import PARTS, Board, parts_of
from runner.serve.picture import price_picture, ribbon_picture
from tests.runner.serve.conftest import add_samples, sample, viewer_of
from tests.runner.trade.made import at_us

ATTACK = "</p></script><script>document.title='ran'</script><img src=x onerror=\"document.title='ran'\">'\"`{{7*7}}\u202e\x1b[31m"


def test_it_says_first_how_it_stands(traded):
    view = viewer_of(traded).look(at_us(100))
    assert view["answer"] == (
        "LONG since 00:01 at 101.01. Today +0.21 % after costs on 1 trade. Claude was asked once for $0.01. "
        "Not running here: cycle."
    )
    parts = parts_of(view)
    assert set(parts) == {"title", *PARTS}
    held = view["status"]["account"]["position"]
    assert held["price"] == 100.9
    fees = held["fees"] / held["value"] * 100
    assert held["net_pct"] == pytest.approx((100.9 / held["entry_price"] - 1) * 100 - fees)
    text = html.unescape(re.sub(r"<[^>]+>", " ", parts["position"]))
    assert "LONG" in text and "ETHUSDT" in text and "100.90" in text
    assert "2 lines: 2 green, 0 red" in parts["ribbon"]
    assert "2 green, 0 red from the shortest to the longest line</p>" in parts["ribbon"]
    assert parts["feed"].count('class="decision"') == 5 and "the chart stood still" in parts["feed"]
    assert "both ribbons turned green" in parts["feed"]


def test_an_empty_folder_says_in_one_sentence_what_it_waits_for(tmp_path):
    (tmp_path / "empty").mkdir()
    view = viewer_of(tmp_path / "empty").look(at_us(0))
    assert (
        view["answer"] == "Nothing to show yet: it waits for a first sample, which `ribbon collect` writes."
    )
    assert set(parts_of(view)) == {"title", *PARTS}
    assert "there is no folder" in viewer_of(tmp_path / "none").look(at_us(0))["answer"]


def test_what_is_wrong_is_named_first_of_all(traded):
    viewer = viewer_of(traded)
    (traded / "KILL").touch()
    view = viewer.look(at_us(1_000))
    assert view["answer"].startswith("The kill file is there: no order leaves.")
    assert "Needs a look: the loop, silent since 00:01." in view["answer"]
    (traded / "trade_events.csv").write_text("seq,kind\nx,y\n")
    view = viewer.look(at_us(1_000))
    assert "The account cannot be read." in view["answer"]
    assert "Cannot be read:" in parts_of(view)["notes"]


class Tags(HTMLParser):
    """The tags, and the attributes that could run or fetch something."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.bad: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.bad += [name for name, _ in attrs if name.startswith("on") or name in ("style", "src")]
        self.bad += [
            value or "" for name, value in attrs if name == "href" and not (value or "").startswith("/")
        ]


def test_nothing_of_data_is_taken_for_html(traded):
    decisions = traded / "claude_decisions.csv"
    doubled = ATTACK.replace('"', '""')
    decisions.write_text(
        decisions.read_text()
        .replace("both ribbons turned green", f'"{doubled}"')
        .replace("script-20260105T000040Z", f'"{doubled}"')
        .replace(",script,", f',"{doubled}",')
    )
    with (traded / "ticks.csv").open("a") as ticks:
        ticks.write(f"2026-01-05T00:01:40Z,{ATTACK},{ATTACK}\n")
    chart = {"quality": "frozen", "wrong": [ATTACK], "read": 1}
    state = {
        "written": "2026-01-05T00:01:30Z",
        "symbol": ATTACK,
        "charts": {ATTACK: chart},
        "waits_for": ATTACK,
    }
    (traded / "collector.json").write_text(json.dumps(state))
    (traded / "claude.json").write_text(
        json.dumps(
            {"state": "blocked", "reason": ATTACK, "detail": ATTACK, "warnings": [ATTACK], "since": ATTACK}
        )
    )
    (traded / ".up").mkdir()
    (traded / ".up" / "trade.log").write_text(f"{ATTACK}\n")
    for name in ("ema_data_5min.csv", "ema_data_15min.csv"):
        path = traded / name
        path.write_text(path.read_text().replace("ETHUSDT", ATTACK).replace(",green,", f',"{doubled}",'))
    view = viewer_of(traded).look(at_us(100))
    parts = parts_of(view)
    found = Tags("".join(parts[name] for name in PARTS))
    assert "script" not in found.tags and "img" not in found.tags and found.bad == []
    assert sum("document.title" in text for text in parts.values()) >= 4  # it is shown, as text
    assert not {"\u202e", "\x1b"} & set("".join(parts.values()))


def test_a_tab_gets_what_it_has_not(traded):
    viewer, board = viewer_of(traded), Board()
    board.show(viewer.look(at_us(100)))
    assert set(board.newer("", -1)) == {"title", *PARTS}
    seen = board.version
    board.show(viewer.look(at_us(101)))
    assert (board.version, board.newer(board.start, seen)) == (seen, {})
    add_samples(traded, sample(100, 102.0))
    board.show(viewer.look(at_us(101)))
    assert (
        {"position"}
        <= set(board.newer(board.start, seen))
        <= {"title", "position", "picture", "ribbon", "health"}
    )
    assert set(board.newer("another start", board.version)) == {"title", *PARTS}


def test_what_did_not_change_is_not_read_again(traded, monkeypatch):
    viewer = viewer_of(traded)
    viewer.look(at_us(100))
    memory = viewer._status.memory
    before = memory.readings
    opened = []
    real_open = os.open  # by which lib.contract.standing opens each file
    monkeypatch.setattr(
        os, "open", lambda path, *a, **k: opened.append(Path(path).name) or real_open(path, *a, **k)
    )
    for second in range(101, 131):
        viewer.look(at_us(second))
    assert (memory.readings, opened) == (before, [])
    add_samples(traded, sample(100, 102.0))
    opened.clear()
    viewer.look(at_us(131))
    assert set(opened) == {"ema_data_5min.csv", "ema_data_15min.csv"}


def test_a_picture_of_nothing_is_none_and_one_of_a_still_price_is_whole():
    assert price_picture([], None) == "" and ribbon_picture([]) == ""
    still = price_picture([(at_us(60 * n), 100.0) for n in range(5)], None)
    assert "nan" not in still.lower() and "<polyline" in still
    held = {"entry_price": 100.0, "stop_price": 50.0, "target_price": 100.1}
    drawn = price_picture([(at_us(60 * n), 100.0 + n / 50) for n in range(5)], held)
    assert (
        'class="target"' in drawn and 'class="stop"' not in drawn
    )  # too far off to be drawn without squeezing the price


def test_a_decision_of_the_feed_has_its_page(traded, serving):
    server = serving(traded)
    feed = viewer_of(traded).look(at_us(100))["feed"]
    ids = [each["decision_id"] for each in feed if each["kind"] == "decision"]
    assert ids
    page = server.ask(f"/decision/{ids[0]}")
    assert page.status == 200 and f"Decision {ids[0]}" in page.text
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    nothing = server.ask("/decision/7%25")
    assert nothing.status == 404 and "The nearest" in nothing.text
    assert "7%" in nothing.text and "7%%" not in nothing.text


def test_without_an_account_the_newest_cycle_s_money_stands_in_its_place(traded, tmp_path):
    recorded = tmp_path / "recorded"
    recorded.mkdir()
    (recorded / "ema_data_5min.csv").write_text((traded / "ema_data_5min.csv").read_text())
    view = viewer_of(recorded).look(at_us(100))
    assert view["status"]["account"] is None
    view["status"]["lessons"] = {
        "act_on": 0,
        "proven": 0,
        "told": [],
        "nearest": [],
        "window": {"trades": 43, "net": -37.5},
    }
    text = re.sub(r"<[^>]+>|\s+", " ", html.unescape(parts_of(view)["today"]))
    assert "Newest cycle" in text and "−$37.50" in text and "per 1 coin, on 43 trades of its window" in text
    held = viewer_of(traded).look(at_us(100))
    held["status"]["lessons"] = view["status"]["lessons"]
    assert "Newest cycle" not in parts_of(held)["today"] and ">Today<" in parts_of(held)["today"]
