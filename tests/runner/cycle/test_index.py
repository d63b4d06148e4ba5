from __future__ import annotations

import base64
import json
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup
from nbformat.v4 import new_code_cell, new_notebook, new_output

from lib.draw.equity import Equity
from lib.history.lesson_effects import publish_effects
from lib.history.whole_log import publish_whole_log
from lib.published.insights import compile_insights
from runner.cycle.index import latest_warning, point_latest, write_index
from runner.cycle.inputs import Inputs
from runner.cycle.manifest import new_manifest, read_manifests
from runner.cycle.message import lessons_of, message_of
from runner.cycle.plan import NOTEBOOKS
from tests.lib.contract.made import all_published
from tests.lib.draw.test_equity import SUMS, log
from tests.lib.history.test_report import effect
from tests.lib.lessons.made_lessons import lesson, lessons
from tests.runner.cycle.made_whole import WHOLE_UNPROVEN, publish_whole_proven


@pytest.fixture
def cycles(tmp_path):
    def add(name: str, status: str = "ok", **changes):
        inputs = Inputs("2025-06-15T11:00:00Z", "2025-06-14T11:00:00Z", 24.0, {"label": "<i>label</i>"}, {})
        manifest = new_manifest(name, "2025-06-15T11:05:00Z", inputs, NOTEBOOKS, {})
        manifest.status = status
        for key, value in changes.items():
            setattr(manifest, key, value)
        (tmp_path / name / "reports").mkdir(parents=True)
        (tmp_path / name / "index.html").write_text("")
        for page in manifest.reports.values():
            (tmp_path / name / page).write_text("")
        manifest.write(tmp_path / name)
        return tmp_path

    return add


def rows(outputs: Path) -> list[list[str]]:
    page = BeautifulSoup((outputs / "index.html").read_text(), "html.parser")
    return [
        [cell.get_text(" ", strip=True) for cell in row.find_all(["th", "td"])]
        for row in page.select("tbody tr")
    ]


def test_a_cycle_whose_manifest_is_damaged_is_named_and_the_others_are_listed(cycles):
    cycles("20250615T110500Z")
    outputs = cycles("20250615T120500Z")
    write_index(outputs)
    assert "cannot be read" not in (outputs / "index.html").read_text()
    (outputs / "20250615T110500Z" / "manifest.json").write_text('{"status"')
    write_index(outputs)
    text = BeautifulSoup((outputs / "index.html").read_text(), "html.parser").get_text(" ", strip=True)
    assert len(rows(outputs)) == 1
    assert "cannot be read: 20250615T110500Z. Put it back from a copy, or remove the folder." in text


def test_cycles_stand_newest_first_with_their_figures(cycles):
    figures = {
        "trades": 18,
        "win_rate": 44.4,
        "net_pnl": -12.5,
        "regime": "RANGING_QUIET",
        "score": 41.0,
        "grade": "F",
        "lessons_to_act_on": 2,
        "proven_lessons": 14,
        "nearest_share": 0.416,
    }
    cycles(
        "20250615T110500Z", headline=figures, reports={"01_actual_trades": "reports/01_actual_trades.html"}
    )
    outputs = cycles("20250615T120500Z", "failed")
    write_index(outputs)
    newest, older = rows(outputs)
    assert newest[0] == "2025-06-15 11:00 nothing published" and newest[1:] == ["–"] * 6
    assert older == [
        "2025-06-15 11:00",
        "−$12.50",
        "44.4 % of 18",
        "–",
        "2 of 14 proven",
        "41 F",
        "ranging quiet",
    ]
    page = BeautifulSoup((outputs / "index.html").read_text(), "html.parser").get_text(" ", strip=True)
    assert "Ranging quiet: a range of at most 1.6\u00a0%" in page and "Bullish trending" not in page
    assert "Score: the scalper score" in page and "50 D" in page


def card_of(outputs: Path) -> BeautifulSoup:
    write_index(outputs)
    return BeautifulSoup((outputs / "index.html").read_text(), "html.parser").find("section")


def test_the_newest_cycle_stands_first_with_its_finding_and_the_line_of_the_whole_log(cycles):
    cycles("20250615T110500Z", headline={"trades": 18, "net_pnl": -12.5, "gross_pnl": 3.0})
    newest = {"trades": 20, "net_pnl": 4.0, "gross_pnl": 9.0, "lessons_to_act_on": 0, "proven_lessons": 3}
    later = {"as_of": "2025-06-15T12:00:00Z", "lookback_hours": 24.0}
    outputs = cycles("20250615T120500Z", headline=newest, parameters=later)
    assert card_of(outputs).svg is None and "In all" not in card_of(outputs).get_text()
    found = log(*SUMS)
    publish_whole_log(log(*SUMS, trades=9), outputs / "20250615T110500Z")
    publish_whole_log(found, outputs / "20250615T120500Z")
    card = card_of(outputs)
    text = card.get_text(" ", strip=True)
    assert "These trades made $4.00 per 1 coin after costs on 20 trades" in text
    assert "Nothing is proven that could be acted on." in text
    assert "the 24 h before it" in text
    assert (
        text.count(
            "In all, 50 trades over 10 days lost $250.00 per 1 coin: on average a trade made $8.00 before costs,"
        )
        == 1
    )
    assert "6 cycles learned from them." in text
    assert card.select_one(".shown figure [role=img]")["aria-label"] == Equity(found).alt


def test_of_few_trades_the_newest_cycle_s_equity_stands_beside_its_finding(cycles):
    name = "20250615T110500Z"
    outputs = cycles(name, reports={"01_actual_trades": "reports/01_actual_trades.html"})
    image = base64.b64encode(b"picture").decode()
    shown = new_output("display_data", {"image/png": image}, metadata={"image/png": {"alt": "Equity"}})
    (outputs / name / "notebooks").mkdir()
    executed = new_notebook(cells=[new_code_cell("draw()", outputs=[shown])])
    nbformat.write(executed, outputs / name / "notebooks" / "01_actual_trades.ipynb")
    publish_whole_log(log(*SUMS, trades=4), outputs / name)
    card = card_of(outputs)
    pictures = [(each["src"], each["alt"]) for each in card.select(".opening .shown img")]
    assert pictures == [(f"data:image/png;base64,{image}", "Equity")]
    assert card.select_one(".shown a")["href"] == f"{name}/index.html" and card.svg is None
    assert "In all, 4 trades" in card.get_text()
    publish_whole_log(log(*SUMS, trades=5), outputs / name)
    assert card_of(outputs).img is None and card_of(outputs).svg is not None


def test_whether_the_whole_is_proven_stands_behind_what_all_trades_made(cycles):
    outputs = cycles("20250615T110500Z", headline={"trades": 0, "net_pnl": 0.0, "lessons_to_act_on": 0})
    publish_whole_log(log(*SUMS), outputs / "20250615T110500Z")
    publish_whole_proven(outputs / "20250615T110500Z")
    assert WHOLE_UNPROVEN in card_of(outputs).find(class_="in-all").get_text(" ").replace(
        "\u00a0", " "
    ).replace("\u2060", "")


@pytest.mark.parametrize("torn", ["", "{", '{"result": {"effects": [1]}}'])
def test_what_a_lesson_made_since_its_proof_is_read_from_what_the_history_left(tmp_path, torn):
    now = "2025-06-15T11:00:00Z"
    compiled = compile_insights(
        all_published(now), None, now, lessons(lesson("trades.direction.SHORT.below"))
    )
    (tmp_path / "training_insights.json").write_text(json.dumps(compiled))
    publish_effects([effect()], None, tmp_path)
    assert lessons_of(tmp_path).act_on[0].needs == "Since its proof −0.071 % (n 52 episodes)."
    (tmp_path / "results" / "lesson_history.json").write_text(torn)
    assert lessons_of(tmp_path).act_on[0].needs == ""


def test_each_lesson_to_act_on_says_since_when_it_is_proven_and_whether_only_just(cycles):
    outputs = cycles("20250615T110500Z", headline={"trades": 0, "net_pnl": 0.0, "lessons_to_act_on": 2})
    clear = lesson("answers.direction.LONG.above", net_low_pct=0.05)
    just = lesson("trades.wick.present.above", net_low_pct=0.001)
    insights = compile_insights(
        all_published("2025-06-15T11:00:00Z"), None, "2025-06-15T11:00:00Z", lessons(clear, just)
    )
    (outputs / "20250615T110500Z" / "training_insights.json").write_text(json.dumps(insights))
    said = [each.get_text(" ", strip=True) for each in card_of(outputs).select("ul.proven:not(.small) > li")]
    assert [each.rpartition("after costs. ")[2] for each in said] == [
        "Proven since 2025-10-12 09:30.",
        "Proven since 2025-10-12 09:30, only just.",
    ]


def test_of_a_step_that_asks_for_nothing_the_list_has_the_sentence_that_says_so(cycles):
    act_on = {"trades": 0, "net_pnl": 0.0, "lessons_to_act_on": 2, "proven_lessons": 3}
    outputs = cycles("20250615T110500Z", headline=act_on)
    said = "What to do: nothing; Claude is told these 2 lessons already."
    assert card_of(outputs).select_one(".step").get_text() == said
    outputs = cycles("20250615T120500Z", headline=act_on | {"experiment_state": "harms"})
    said = "What to do: read what was proven to harm, and what the loop does since: ribbon experiment status."
    assert card_of(outputs).select_one(".step").get_text() == said


def test_what_became_of_the_lessons_is_said_and_nothing_of_another_version_s_verdicts(cycles):
    none = {"held": 0, "turned": 0, "not told apart": 0, "too few": 0}
    before = {"better": 3, "worse": 1, "not told apart": 0, "too few": 2}
    kept = ({"win_rate": 50.0}, {"lesson_verdicts": none}, {"lesson_verdicts": before})
    for hour, headline in enumerate(kept, start=9):
        outputs = cycles(f"20250615T{hour:02d}0500Z", headline=headline)
    outputs = cycles(
        "20250615T120500Z", headline={"lesson_verdicts": none | {"held": 3, "turned": 1, "too few": 2}}
    )
    assert [message_of(manifest).since for manifest in read_manifests(outputs)] == [
        "Of 6 lessons ever proven and large enough, 3 went on as they said in the trades since, 1 turned, 2 have too few.",
        "",
        "",
        "",
    ]
    # It stands on the page of the cycle; the list does not repeat it.
    write_index(outputs)
    assert "ever proven" not in (outputs / "index.html").read_text()


def test_no_trades_are_neither_gain_nor_loss(cycles):
    outputs = cycles("20250615T110500Z", headline={"trades": 0, "win_rate": None, "net_pnl": 0.0})
    write_index(outputs)
    assert rows(outputs)[0][1:3] == ["$0.00", "no trades"]
    page = BeautifulSoup((outputs / "index.html").read_text(), "html.parser")
    assert not page.select("td.pos, td.neg")


def test_links_lead_to_files_that_exist(cycles):
    outputs = cycles("20250615T110500Z")
    write_index(outputs)
    page = BeautifulSoup((outputs / "index.html").read_text(), "html.parser")
    links = [link["href"] for link in page.find_all("a")]
    assert links == ["20250615T110500Z/index.html"] * 2
    assert all((outputs / link).is_file() for link in links)
    (outputs / links[0]).unlink()
    write_index(outputs)
    assert "<a " not in (outputs / "index.html").read_text()


def test_what_is_the_same_in_all_rows_is_said_once_above_them(cycles):
    figures = {
        "lessons_to_act_on": 2,
        "proven_lessons": 10,
        "score": 59.0,
        "grade": "D",
        "regime": "RANGING_QUIET",
    }
    cycles("20250615T110500Z", headline=figures)
    outputs = cycles("20250615T120500Z", headline=figures | {"score": 41.0, "grade": "F"})
    write_index(outputs)
    assert [row[4:] for row in rows(outputs)] == [["41 F"], ["59 D"]]
    page = BeautifulSoup((outputs / "index.html").read_text(), "html.parser").get_text(" ", strip=True)
    assert (
        "The same in every row: 10 lessons proven, of which 2 to act on; ranging quiet. Each row is" in page
    )


def test_an_empty_list_says_what_makes_one(tmp_path):
    write_index(tmp_path)
    assert "ribbon cycle" in (tmp_path / "index.html").read_text()


def test_latest_is_a_relative_link_that_moves(tmp_path):
    (tmp_path / ".latest.new").symlink_to("killed")  # on the way there
    for name in ("a", "b"):
        point_latest(tmp_path, name)
        assert (tmp_path / "latest").readlink() == Path(name)
    assert [path.name for path in tmp_path.iterdir()] == ["latest"]


def test_without_links_a_text_file_and_a_page_lead_there(tmp_path, monkeypatch):
    def refuse(*arguments, **options):
        raise OSError("no links here")

    monkeypatch.setattr(Path, "symlink_to", refuse)
    point_latest(tmp_path, "20250615T110500Z")
    assert (tmp_path / "latest").read_text() == "20250615T110500Z\n"
    assert 'href="20250615T110500Z/index.html"' in (tmp_path / "latest.html").read_text()


def test_a_folder_called_latest_is_somebodys_own(tmp_path):
    (tmp_path / "latest").mkdir()
    point_latest(tmp_path, "x")
    assert not (tmp_path / "latest").is_symlink()


def test_a_folder_of_somebodys_own_stays_and_is_told(tmp_path):
    assert latest_warning(tmp_path) == ""
    point_latest(tmp_path, "20250615T110500Z")
    assert latest_warning(tmp_path) == ""
    (tmp_path / "latest").unlink()
    (tmp_path / "latest").mkdir()
    (tmp_path / "latest" / "mine").write_text("")
    point_latest(tmp_path, "20250615T120500Z")
    assert (tmp_path / "latest" / "mine").is_file() and not (tmp_path / "latest").is_symlink()
    assert "latest is a folder of somebody's own and leads to no cycle: move it away" in latest_warning(
        tmp_path
    )


def test_cycles_that_came_to_the_same_of_one_instant_are_one_row_with_a_link_to_each(cycles):
    figures = {"trades": 18, "win_rate": 44.4, "net_pnl": -12.5}
    for name in ("20250615T110500Z", "20250615T110600Z", "20250615T110700Z"):
        outputs = cycles(name, headline=figures)
    cycles("20250615T110800Z", headline=figures | {"net_pnl": 1.0})  # another result is another row
    cycles("20250615T110900Z", "failed", headline=figures | {"net_pnl": 1.0})
    write_index(outputs)
    page = BeautifulSoup((outputs / "index.html").read_text(), "html.parser")
    failed, other, same = page.select("tbody tr")
    assert not failed.details and not other.details
    assert same.summary.get_text() == "and 2 more of the same instant"
    assert [a["href"] for a in same.find_all("a")] == [
        f"{name}/index.html" for name in ("20250615T110700Z", "20250615T110600Z", "20250615T110500Z")
    ]
    assert "3 kept, newest first; 2 more came to the same" in page.get_text()
