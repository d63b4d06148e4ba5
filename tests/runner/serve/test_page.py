"""What the page says, and that nothing of data is taken for more than text."""

from __future__ import annotations

import html
import json
import os
import re
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest
from rich.console import Console

from runner.serve.feed import folded
from runner.serve.health import health
from runner.serve.page import PARTS, ROWS, Board, parts_of
from runner.serve.picture import level_bar, price_picture, ribbon_picture
from runner.serve.sentence import sentence, standing
from runner.serve.terminal import snapshot
from runner.serve.words import day
from tests.runner.serve.conftest import add_samples, sample, viewer_of
from tests.runner.trade.made import Script, at_us, enter, hand_loop, log_rows, settings


def text_of(part: str) -> str:
    """What a part says, without its marks and with single spaces."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", part)).split())


ATTACK = "</p></script><script>document.title='ran'</script><img src=x onerror=\"document.title='ran'\">'\"`{{7*7}}\u202e\x1b[31m"


def test_it_says_first_how_it_stands(traded):
    view = viewer_of(traded).look(at_us(100))
    held = view["status"]["account"]["position"]
    money = f"−${-held['net_pct'] * held['value'] / 100:.2f}"
    assert (
        view["standing"]
        == f"LONG since 00:01: −0.20 % ({money}) now, after costs; 0.04 % above its stop, 48 min left."
    )
    assert view["answer"] == "Today +0.21 % on 1 closed trade. Not running here: cycle."
    parts = parts_of(view)
    assert set(parts) == {"title", *PARTS}
    assert held["price"] == 100.9
    fees = held["fees"] / held["value"] * 100
    assert held["net_pct"] == pytest.approx((100.9 / held["entry_price"] - 1) * 100 - fees)
    later = viewer_of(traded).look(at_us(1_000))
    assert "−0.20 %" in later["standing"] and "at the last price, after costs; 0.04 %" in later["standing"]
    text = text_of(parts["position"])
    for words in (
        "LONG ETHUSDT 100.90 00:01",  # the price with its time
        "Entry 101.01 00:01",
        "Stop 100.86 −0.04 % from here",
        "Target 101.31 +0.41 % from here",
        "Time exit 00:50 in 48 min: 45 min in whole candles",
        "Last decision 00:01 HOLD keep the position why",
        "5 minutes all green 15 minutes all green",
    ):
        assert words in text, (words, text)
    assert (
        f'<time datetime="{view["status"]["market"]["5min"]["at"]}" data-ago>00:01</time>'
        in parts["position"]
    )
    told = "Today +$2.10 +0.21 % on 1 trade This account +$2.10 +0.21 % on 1 trade since 5 Jan Equity $1,002.10 without what is open"
    assert told in text_of(parts["today"]) and "it takes $0.00 of each trade" in text_of(parts["today"])
    assert "2 lines: 2 green, 0 red" in parts["ribbon"]
    assert "2 green, 0 red from the shortest to the longest line</p>" in parts["ribbon"]
    assert parts["feed"].count('class="decision"') == 5 and "the chart stood still" in parts["feed"]
    assert "both ribbons turned green" in parts["feed"]
    rows = [text_of(row) for row in re.findall(r'<li class="decision">.*?</li>', parts["feed"], re.DOTALL)]
    newest, oldest = (row for row in rows if "entered" in row)
    assert "entered no exit yet" in newest and "entered +0.21 %" in oldest and "no exit" not in oldest


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({}, "0.20 % above its stop, 30 min left."),
        ({"direction": "SHORT", "stop_price": 100.3}, "0.30 % below its stop, 30 min left."),
        ({"price": 99.7}, "0.10 % beyond its stop, 30 min left."),
        ({"direction": "SHORT"}, "0.20 % beyond its stop, 30 min left."),
        ({"time_exit_at": "2026-01-05T00:09:00Z"}, "0.20 % above its stop, its time is over."),
    ],
)
def test_it_says_how_far_the_stop_is_and_what_time_is_left(traded, changed, words):
    status = viewer_of(traded).look(at_us(100))["status"]
    held = {"direction": "LONG", "price": 100.0, "stop_price": 99.8, "time_exit_at": "2026-01-05T00:40:00Z"}
    position = status["account"]["position"] | held | changed
    found = status | {
        "at": "2026-01-05T00:10:00Z",
        "account": status["account"] | {"position": position},
    }
    assert standing(found, health(found), "").endswith(f" after costs; {words}")


def test_what_was_made_before_today_is_said_beside_it(traded):
    view = viewer_of(traded).look(at_us(86_400))
    assert view["answer"].startswith("No trade closed today.")
    text = text_of(parts_of(view)["today"])
    assert "Today $0.00 0.00 % on 0 trades This account +$2.10 +0.21 % on 1 trade since 5 Jan" in text


def test_a_flat_account_shows_its_last_trade(tmp_path):
    script = Script(enter(direction="SHORT"))
    with hand_loop(tmp_path, script, settings()) as (loop, feed):
        for second, price in ((40, 100.0), (50, 100.0), (60, 101.0)):
            feed.give(second, price)
            loop.step()
    add_samples(tmp_path, sample(60, 101.0))
    view = viewer_of(tmp_path).look(at_us(70))
    assert view["status"]["account"]["position"] is None and view["standing"] == "Flat since 00:01."
    text = text_of(parts_of(view)["position"])
    assert "Flat ETHUSDT 101.00" in text and "Last trade SHORT" in text
    assert "stop hit It made −0.24 % after costs" in text


@pytest.mark.parametrize(
    ("account", "words"),
    [
        ({"at": ""}, "PAPER"),
        ({"at": "bybit testnet ETHUSDT"}, "TESTNET"),
        ({"at": "bybit mainnet real-money ETHUSDT"}, "REAL MONEY"),
        (None, "RECORDING"),
    ],
)
def test_whose_money_it_is_stands_beside_the_position(traded, account, words):
    view = viewer_of(traded).look(at_us(100))
    assert view["status"]["account"]["at"] == "" and text_of(parts_of(view)["standing"]).startswith(
        "PAPER LONG"
    )
    view["status"]["account"] = account and view["status"]["account"] | account
    assert account or text_of(parts_of(view)["standing"]).startswith("LONG")  # nothing says whose
    view["stands"] = "off"
    assert text_of(parts_of(view)["standing"]).startswith(words)


def test_a_synthetic_market_is_said_to_be_one(traded):
    view = viewer_of(traded).look(at_us(100))
    assert "Synthetic" not in parts_of(view)["notes"]
    view["status"]["market"]["5min"]["symbol"] = "SYNTHETIC-PLANTED"
    assert "Synthetic market: no real prices" in parts_of(view)["notes"]


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ([], "Nothing to act on is proven."),
        (["Favour: LONG (both ribbons green) gain. So sure."], "Proven: LONG (both ribbons green) gain."),
        (
            ["Avoid: Entries at X lose. So.", "A: B. c", "C: D. e"],
            "Proven: entries at X lose; B; and 1 more.",
        ),
    ],
)
def test_it_names_what_is_proven(traded, told, said):
    viewer = viewer_of(traded)
    status = viewer.look(at_us(100))["status"]
    status["lessons"] = {"act_on": len(told), "proven": len(told), "told": told}
    assert said in sentence(status, health(status), "")


def test_the_bar_has_the_stop_at_its_left_and_the_target_at_its_right():
    held = {"entry_price": 100.0, "stop_price": 99.0, "target_price": 102.0, "price": 101.0}
    drawn = level_bar(held)
    assert 'class="entry" x="33.33%"' in drawn and 'class="gain" cx="66.67%"' in drawn
    assert "stop 99.000, 1.98 % away" in drawn and "target 102.00, 0.99 % away" in drawn
    short = {"entry_price": 100.0, "stop_price": 101.0, "target_price": 98.0, "price": 120.0}
    assert 'class="loss" cx="0.00%"' in level_bar(short)  # a price beyond the stop stands at its end
    assert level_bar(held | {"price": None}) == "" == level_bar(held | {"target_price": None})


def test_the_last_reasoning_has_its_time_before_it(traded):
    view = viewer_of(traded).look(at_us(100))
    view["feed"] = folded([decided(1, "It makes −0.009 %.")])
    text = text_of(parts_of(view)["position"])
    assert "Last decision HOLD keep the position why 00:01 : It makes −0.009 %." in text


def test_a_long_feed_is_folded_and_never_cut(traded):
    view = viewer_of(traded).look(at_us(100))
    feed = view["feed"]
    view["feed"] = (feed * 20)[: ROWS + 3]
    shown, _, folded = parts_of(view)["feed"].partition('<details id="earlier">')
    assert (shown.count("<li "), folded.count("<li ")) == (ROWS, 3)
    view["feed"] = feed
    assert "<details" not in parts_of(view)["feed"]


def decided(minute: int, reasoning: str, **changed: object) -> dict:
    told = {
        "kind": "decision",
        "at": f"2026-01-05T00:{minute:02}:00Z",
        "direction": "HOLD",
        "result": "held",
        "model": "m",
    }
    rest = {"confidence": 0.5, "net_pnl_pct": None, "decision_id": f"d{minute}", "reasoning": reasoning}
    return told | rest | changed


def quiet(minute: int, outcome: str = "gate") -> dict:
    at = f"2026-01-05T00:{minute:02}:30Z"
    reasons = [{"outcome": outcome, "reason_code": "", "count": 3}]
    return {"kind": "quiet", "at": at, "until": at, "count": 3, "reasons": reasons}


def test_holds_alike_but_for_figures_are_one_row_with_the_earlier_folded_into_it(traded):
    view = viewer_of(traded).look(at_us(100))
    feed = [
        quiet(50),
        decided(45, "Held at −0.21 %, 15 min."),
        quiet(44),
        decided(40, "Held at −1,009.5 %, 20 min."),
        decided(35, "Held at −3 %, 25 min."),
        quiet(34),
        decided(30, "Held at +3 %, 30 min."),
    ]
    view["feed"] = folded(feed)
    assert [(each["at"][14:16], len(each.get("like", []))) for each in view["feed"]] == [
        ("50", 0), ("45", 3), ("34", 0), ("30", 0),
    ]  # fmt: skip
    assert view["feed"][1]["like"] == feed[2:5]  # nothing is lost
    part = parts_of(view)["feed"]
    assert part.count("<details") == 1 and 'id="like-2026-01-05T00:35:00Z"' in part
    before, _, inside = part.partition("<summary>and 2 more like it</summary>")
    assert "−0.21 %" in before and "−1,009.5 %" in inside and "−3 %" in inside
    console = Console(width=150)
    with console.capture() as capture:
        console.print(snapshot(view))
    assert "and 2 more like it" in capture.get() and "−1,009.5 %" not in capture.get()


@pytest.mark.parametrize(
    "between",
    [
        [decided(40, "Another word.")],
        [decided(40, "Held at 1 %.", direction="LONG")],
        [decided(40, "Held at 1 %.", result="timeout")],
        [decided(40, "Held at 1 %.", model="another")],
        [quiet(40, "frozen")],
    ],
)
def test_what_is_not_alike_ends_a_row(between):
    feed = [decided(45, "Held at 2 %."), *between, decided(35, "Held at 3 %.")]
    assert [each.get("like", []) for each in folded(feed)] == [[], [], []]
    assert [each["like"] for each in folded([decided(45, ""), decided(40, "")])] == [[], []]


def test_what_claude_is_told_stands_by_itself(traded):
    view = viewer_of(traded).look(at_us(100))
    assert "No lesson yet" in parts_of(view)["told"]
    near = [{"statement": "Does NEAR pay? n=7"}]
    found = {
        "act_on": 1,
        "proven": 2,
        "told": ["Favour: X gain. So sure, n=233 in 231 ep."],
        "nearest": near,
        "window": None,
    }
    view["status"]["lessons"] = found
    assert text_of(parts_of(view)["told"]) == (
        "What Claude is told Favour: X gain. So sure, 233 trades in 231 episodes."
    )
    assert "NEAR" not in "".join(parts_of(view).values())  # what is not proven is Insights' to tell
    view["status"]["lessons"] = found | {"act_on": 0, "told": []}
    assert "No lesson: of 2 proven none is to act on" in text_of(parts_of(view)["told"])
    view["status"]["lessons"] = found
    view["status"]["claude"] = {"no_lessons": "the prompt is of another folder", "warnings": []}
    view["status"]["last_decision"]["model"] = "rules"
    text = text_of(parts_of(view)["told"])
    assert text == "What Claude would be told No lessons: the prompt is of another folder."


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
    assert view["standing"].startswith("The kill file is there: no order leaves. LONG")
    assert "Needs a look: the loop, silent since 00:01." in view["answer"]
    (traded / "trade_events.csv").write_text("seq,kind\nx,y\n")
    view = viewer.look(at_us(1_000))
    assert "The account cannot be read." in view["standing"]
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
        <= {"title", "standing", "position", "picture", "ribbon", "health"}
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


def test_a_decision_leads_to_those_beside_it(traded, serving):
    server = serving(traded)
    feed = viewer_of(traded).look(at_us(100))["feed"]
    newest, middle, *_, oldest = [each["decision_id"] for each in feed if each["kind"] == "decision"]
    assert f'<a href="/decision/{newest}">Next decision</a>' in server.ask(f"/decision/{middle}").text
    assert f'<a href="/decision/{middle}">Previous decision</a>' in server.ask(f"/decision/{newest}").text
    assert "Next decision" not in server.ask(f"/decision/{newest}").text
    assert "Previous decision" not in server.ask(f"/decision/{oldest}").text


def test_a_day_has_its_year_where_that_is_another():
    assert day("2026-01-05T00:01:00Z", "2026-11-30T21:00:00Z") == "5 Jan"
    assert day("2025-01-05T00:01:00Z", "2026-11-30T21:00:00Z") == "5 Jan 2025"


@pytest.fixture
def recorded(traded, tmp_path) -> Path:
    """The samples and decisions of the traded folder as a recording has them: simulated, without an account."""
    folder = tmp_path / "recorded"
    folder.mkdir()
    for name in ("ema_data_5min.csv", "ema_data_15min.csv"):
        (folder / name).write_bytes((traded / name).read_bytes())
    rows = pd.DataFrame(log_rows(traded, "claude_decisions.csv"))
    rows.assign(model="simulated", asked_because="").to_csv(folder / "claude_decisions.csv", index=False)
    return folder


def test_a_recording_shows_its_last_state(recorded):
    view = viewer_of(recorded).look(at_us(3 * 86_400))
    assert view["answer"] == (
        "A recording that ended on 5 Jan 00:01: LONG since 00:01 at 101.01, stop 100.86, target 101.31. "
        "Its last trade, LONG, made +0.21 %. Nothing runs here: `ribbon up` begins."
    )
    assert view["stands"] == "off"
    parts = parts_of(view)
    held = view["status"]["left_open"]
    assert held["net_pct"] == pytest.approx((100.9 / held["entry_price"] - 1) * 100 - 0.09)
    text = text_of(parts["position"])
    assert "LONG at its end ETHUSDT 100.90 5 Jan 00:01" in text
    assert "Stop 100.86" in text and "Made at its end −0.20 % after costs, no exit yet" in text
    assert "Last trade +0.21 % LONG, left 00:01, target hit" in text_of(parts["today"])
    assert parts["title"].startswith("LONG −0.20 %")
    block = json.loads(re.search(r"<script[^>]*>(.*?)</script>", parts["picture"], re.DOTALL)[1])
    assert [level["name"] for level in block["levels"]] == ["entry", "stop", "target"]


def test_nothing_is_held_in_a_recording_that_goes_on_after_its_hold(recorded):
    entered = max(row["entry_time"] for row in log_rows(recorded, "claude_decisions.csv"))
    begun = (pd.Timestamp(entered).value // 1_000 - at_us(0)) / 1e6
    for second, held in ((begun + 45 * 60, True), (begun + 46 * 60, False)):
        add_samples(recorded, sample(second, 101.0))
        found = viewer_of(recorded).look(at_us(3 * 86_400))["status"]
        assert (found["left_open"] is not None) is held and found["last_trade"]["net_pnl_pct"] == 0.21


def test_what_a_recording_left_is_not_told_where_an_account_is_there_or_cannot_be_read(traded):
    assert viewer_of(traded).look(at_us(100))["status"]["left_open"] is None
    (traded / "trade_events.csv").write_text("seq,kind\nx,y\n")
    view = viewer_of(traded).look(at_us(100))
    assert view["status"]["account"] is None and view["status"]["left_open"] is None
    assert "Makes" not in parts_of(view)["position"]


def test_without_an_account_the_newest_cycle_s_money_stands_in_its_place(traded, recorded):
    (recorded / "claude_decisions.csv").unlink()
    view = viewer_of(recorded).look(at_us(100))
    assert view["status"]["account"] is None
    view["status"]["lessons"] = {
        "act_on": 0,
        "proven": 0,
        "told": [],
        "nearest": [],
        "window": {"trades": 43, "net": -37.5},
    }
    text = text_of(parts_of(view)["today"])
    assert "Newest cycle" in text and "−$37.50" in text and "per 1 coin, on 43 trades of its window" in text
    view["status"]["lessons"]["window"] = {"trades": 43, "net": -0.0012, "dollar_decimals": 6}
    small = parts_of(view)["today"]
    assert "−$0.001200" in small and 'class="neg"' in small
    held = viewer_of(traded).look(at_us(100))
    held["status"]["lessons"] = view["status"]["lessons"]
    assert "Newest cycle" not in parts_of(held)["today"] and ">Account<" in parts_of(held)["today"]
