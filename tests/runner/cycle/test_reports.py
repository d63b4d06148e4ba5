from __future__ import annotations

import json
import re
import time

import nbformat
import pytest
from bs4 import BeautifulSoup
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from lib.contract.schema import INSIGHTS_FILE
from lib.draw.lessons import LessonGroups
from lib.prompt.difference import LessonChange, TradeBehind, new_words, text_change
from runner.cycle.headline import FIGURES
from runner.cycle.inputs import Inputs
from runner.cycle.manifest import new_manifest
from runner.cycle.models import NotebookOutcome
from runner.cycle.pages import environment
from runner.cycle.plan import NOTEBOOKS
from runner.cycle.reports import (
    FRONT_PAGE,
    Bodies,
    notebook_page,
    prompt_page,
    split_title,
    title_and_body,
    write_cycle_page,
)
from tests.lib.lessons.made_lessons import lesson, lessons

NAME = "01_actual_trades"
CANARY = "<script>canary()</script>"


@pytest.fixture
def manifest():
    source = {"label": f"rule decider {CANARY}", "synthetic": True, "decisions": "rules"}
    inputs = Inputs("2025-06-15T11:00:00Z", "2025-06-14T11:00:00Z", 24.0, source, {})
    return new_manifest("20250615T110500Z", "2025-06-15T11:05:00Z", inputs, NOTEBOOKS, {})


def notebook(*outputs):
    return new_notebook(
        cells=[
            new_markdown_cell("# The question\n\nWords."),
            new_code_cell("secret_code()", outputs=list(outputs)),
        ]
    )


def page_of(executed, manifest, outcome):
    title, body = title_and_body(executed, "fallback")
    return notebook_page(title, body, manifest, NAME, outcome)


def test_the_heading_becomes_the_title_and_is_not_repeated():
    title, rest = split_title(notebook(new_output("stream", text="x")), "fallback")
    assert title == "The question"
    assert [cell.source for cell in rest.cells] == ["\nWords.", "secret_code()"]
    assert split_title(new_notebook(), "fallback")[0] == "fallback"


def test_what_can_be_made_while_notebooks_run_is_bodies_then_templates(tmp_path):
    (tmp_path / "notebooks").mkdir()
    nbformat.write(notebook(), tmp_path / "notebooks" / f"{NAME}.ipynb")
    environment.cache_clear()
    bodies = Bodies(tmp_path)
    assert not bodies.make_one({}), "nothing has ended yet, and the cores are needed"
    assert not environment().cache
    ended = {NAME: NotebookOutcome(NAME, "ok")}
    assert bodies.make_one(ended) and not environment().cache
    assert bodies.make_one(ended) and len(environment().cache) == len(environment().list_templates(["j2"]))
    assert not bodies.make_one(ended)


def test_what_would_take_minutes_to_lay_out_is_left_out_and_said():
    rows = "<tr><td>1</td></tr>" * 200_000
    outputs = [
        new_output("stream", text="before"),
        new_output("display_data", data={"text/html": f"<table>{rows}</table>", "text/plain": "x"}),
        new_output("display_data", data={"image/png": "A" * 1_000_000, "text/plain": "Figure"}),
        new_output("stream", text="after"),
    ]
    started = time.monotonic()
    _, body = title_and_body(notebook(*outputs), "fallback")
    assert time.monotonic() - started < 10  # with the table it is half a minute on an idle machine
    assert all(word in body for word in ("before", "Too long for this page", "A" * 1_000_000, "after"))
    assert "<td>" not in body


@pytest.mark.parametrize(
    "output",
    [
        new_output("stream", text=CANARY),
        new_output("display_data", data={"text/html": CANARY}),
        new_output("display_data", data={"text/markdown": CANARY}),
        new_output("display_data", data={"text/latex": CANARY}),
        new_output("display_data", data={"application/javascript": "canary()"}),
        new_output("execute_result", data={"text/plain": CANARY}),
        new_output("error", ename="E", evalue=CANARY, traceback=[CANARY]),
    ],
)
def test_nothing_shown_can_run(manifest, output):
    page = page_of(notebook(output), manifest, NotebookOutcome(NAME, "failed", CANARY, CANARY))
    assert "<script" not in page
    assert "secret_code" not in page
    assert "Content-Security-Policy" in page
    assert "default-src 'none'" in page


def test_a_page_states_source_window_and_synthetic_market(manifest):
    page = page_of(notebook(), manifest, NotebookOutcome(NAME, "ok"))
    assert "rule decider &lt;script&gt;" in page
    assert '24 h<span class="aside">, from 2025-06-14 11:00</span>' in page
    assert "Synthetic market" in page
    assert "failed" not in page.split("</style>")[1]


def test_a_traceback_is_shown_once(manifest):
    error = new_output("error", ename="E", evalue="", traceback=["unique"])
    page = page_of(notebook(error), manifest, NotebookOutcome(NAME, "failed", "E", "unique"))
    assert page.count("unique") == 1


def test_a_failure_stands_first_with_its_traceback(manifest):
    page = page_of(
        notebook(new_output("stream", text="half")),
        manifest,
        NotebookOutcome(NAME, "failed", "KeyError: 'a'", "line 1\nline 2"),
    )
    shown = page.split("</style>")[1]
    assert shown.index("This notebook failed") < shown.index("half")
    assert "<pre>line 1\nline 2</pre>" in shown


def test_the_prompt_page_says_its_size_and_whether_it_was_published(manifest):
    page = prompt_page("# é\n", manifest)
    assert "5 of at most 4,200 bytes" in page
    assert "not published" in page
    manifest.published = True
    assert "not published" not in prompt_page("# é\n", manifest)


def test_the_front_page_shows_what_is_told_anew_escaped(manifest, tmp_path):
    old, new = "# N\n\n## A\n- gone\n- x: n=1\n", f"# N\n\n## A\n- {CANARY}\n- x: n=2\n"
    change = text_change("f" * 64, old, new)
    manifest.prompt_change = change.model_copy(
        update={
            "came": new_words(change.came),
            "went": new_words(change.went),
            "lessons": [
                LessonChange(
                    id="trades.direction.LONG.above", before="proven, act on", after="ended, expired"
                )
            ],
            "trades": 1,
            "trades_shown": [
                TradeBehind(
                    entry_time="2025-06-15T10:00:00Z",
                    exit_time="2025-06-15T10:10:00Z",
                    direction="LONG",
                    net_pct=-0.26,
                    signature="LONG_MIXED",
                )
            ],
        }
    ).model_dump(mode="json")
    page = front_page(tmp_path, manifest)
    assert "What Claude is told now that it was not told before" in page
    assert "&lt;script&gt;canary" in page and "<script" not in page
    assert "1 new lines, 1 gone, 1 with other figures" in page and "gone</li>" in page
    assert "LONG entries gain after costs: proven, act on → ended, expired" in page
    assert "−0.26 %" in page and "n = 1" in page


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (text_change("", None, "a\n"), "the first text for Claude"),
        (text_change("f" * 64, None, "a\n"), "is not kept"),
    ],
)
def test_the_front_page_says_what_could_not_be_compared(manifest, tmp_path, change, words):
    manifest.prompt_change = change.model_dump(mode="json")
    page = front_page(tmp_path, manifest)
    assert words in page and "were not analyzed" in page
    assert "<li>a</li>" not in page  # all of it is new, or nobody knows: no list helps
    manifest.prompt_change = change.model_copy(update={"trades": 3}).model_dump(mode="json")
    since = "since the cycle before" if change.sha256_before else "in the window"
    assert f"Trades closed {since} (n = 3, the newest 0 here)" in front_page(tmp_path, manifest)


def test_the_front_page_has_one_break_even_beside_the_win_rate_it_is_of(manifest, tmp_path):
    overall = {
        "total": 9,
        "wins": 4,
        "win_rate": 44.4,
        "win_rate_low": 19.0,
        "win_rate_high": 73.0,
        "episodes": 9,
    }
    actual = {"trades": 9, "net_pnl": -1.0, "overall": overall, "win_rate": 44.4, "breakeven_win_rate": 53.3}
    backtest = {"backtest_trades": 8, "backtest_win_rate": 37.5, "backtest_breakeven_win_rate": 57.8}
    manifest.headline = dict.fromkeys(FIGURES) | actual | backtest
    write_cycle_page(tmp_path, manifest)
    page = (tmp_path / FRONT_PAGE).read_text()
    assert page.count("44.4") == 1 and page.count("53.3\u00a0% needed to break even") == 1
    assert "37.5\u00a0% of 8 trades won" in page and "57.8" not in page


def test_the_front_page_begins_with_what_happened_and_what_is_proven(manifest, tmp_path):
    figures = {
        "trades": 44,
        "net_pnl": -69.61,
        "gross_pnl": 25.12,
        "lessons_to_act_on": 0,
        "proven_lessons": 20,
    }
    manifest.headline = dict.fromkeys(FIGURES) | figures
    write_cycle_page(tmp_path, manifest)
    text = BeautifulSoup((tmp_path / FRONT_PAGE).read_text(), "html.parser").main.get_text(" ", strip=True)
    first = "The rule decider lost $69.61 per 1 coin after costs on 44 trades; before costs it made $25.12."
    assert text.index(first) < text.index("Nothing is proven that could be acted on.")
    assert text.index("Claude is told no lesson") < text.index("Files of this cycle")


def test_the_front_page_names_what_is_proven_right_below_what_happened(manifest, tmp_path):
    manifest.headline = dict.fromkeys(FIGURES)
    found = [one.model_dump(mode="json") for one in lessons(lesson()).lessons]
    (tmp_path / INSIGHTS_FILE).write_text(json.dumps({"lessons": found, "provenance": {}}))
    write_cycle_page(tmp_path, manifest)
    finding = BeautifulSoup((tmp_path / FRONT_PAGE).read_text(), "html.parser").select_one(".finding")
    assert finding.find_all("p")[1].get_text() == "Proven over all days: LONG entries gain after costs."


def test_the_front_page_says_where_a_controlled_test_stands_with_the_pages_minus(manifest, tmp_path):
    told = "Telling lessons: -0.014 to +0.401 % a block so far."
    manifest.headline = dict.fromkeys(FIGURES) | {"experiment": told}
    write_cycle_page(tmp_path, manifest)
    page = BeautifulSoup((tmp_path / FRONT_PAGE).read_text(), "html.parser")
    said = page.find("dt", string="Tested").find_next("dd").get_text()
    assert "\N{MINUS SIGN}" in said and "-0.014" not in said


def test_a_report_begins_with_its_finding_and_ends_with_what_it_asked():
    opening = (
        "# T\n\n<details><summary>Question, inputs, caveat</summary>\n\n**Question.** Why?\n\n</details>"
    )
    found = new_output("execute_result", data={"text/html": '<div class="finding"><p>Lost.</p></div>'})
    executed = new_notebook(cells=[new_markdown_cell(opening), new_code_cell("x", outputs=[found])])
    title, body = title_and_body(executed, "fallback")
    assert title == "T" and body.index("Lost.") < body.index("Why?")
    folded = BeautifulSoup(body, "html.parser").details
    assert "Why?" in folded.get_text() and "Lost." not in folded.get_text() and body.count("<details") == 1


def test_lines_that_came_stand_under_their_sections_in_the_prompt_s_order(manifest, tmp_path):
    new = "# N\n\n## Z\n- one\n- two\n\n## A\n- three\n"
    manifest.prompt_change = text_change("f" * 64, "# N\n", new).model_dump(mode="json")
    page = re.sub(r"\s*\n\s*", "", front_page(tmp_path, manifest))
    assert (
        '<p class="soft small">Z</p><ul><li>## Z</li><li>one</li><li>two</li></ul><p class="soft small">A</p><ul><li>## A</li>'
        in page
    )
    assert page.count("<ul") == page.count("</ul>")


def test_a_hold_stands_on_the_front_page_and_beside_the_prompt(manifest, tmp_path):
    assert "holds an earlier" not in front_page(tmp_path, manifest) + prompt_page("# N\n", manifest)
    manifest.prompt_held_since = "2026-01-05T10:00:00Z"
    for page in (front_page(tmp_path, manifest), prompt_page("# N\n", manifest)):
        assert (
            "holds an earlier prompt addition" in page and "Since 2026-01-05 10:00 that one is told" in page
        )
        assert "--release" in page


def front_page(folder, manifest) -> str:
    manifest.headline = dict.fromkeys(FIGURES)
    write_cycle_page(folder, manifest)
    return (folder / FRONT_PAGE).read_text()


def test_the_prompt_s_page_names_the_lessons_that_are_told_unless_another_prompt_is_held(manifest):
    found = lessons(lesson())
    told = LessonGroups({"lessons": [one.model_dump(mode="json") for one in found.lessons], "provenance": {}})
    finding = BeautifulSoup(prompt_page("# N\n", manifest, told), "html.parser").select_one(".finding")
    assert re.match(
        r"Favour: LONG entries gain after costs\. Proven since \d{4}-\d\d-\d\d \d\d:\d\d\.$",
        finding.li.get_text(),
    )
    assert finding.select("p")[1].get_text() == "What was traded is not known."
    manifest.prompt_held_since = "2026-01-05T10:00:00Z"
    assert "Favour" not in prompt_page("# N\n", manifest, told)


def test_the_prompt_s_page_has_the_static_rules_of_the_cycle_s_terms(manifest):
    manifest.parameters["terms"] = {"target_pct": 0.42}
    soup = BeautifulSoup(prompt_page("# LEARNING NOTES\n", manifest), "html.parser")
    (rules,) = [found for found in soup.find_all("details") if "The static rules" in found.summary.get_text()]
    assert "the target, 0.42 percent from the fill;" in rules.get_text()
    assert len(rules.find_all("h2")) == 6 and len(rules.find_all("li")) == 7
    assert (
        "{" not in rules.get_text() and "LEARNING NOTES is the text" in soup.select_one(".finding").get_text()
    )


def test_the_lessons_to_act_on_are_marked_in_the_prompt_s_text(manifest):
    text = "# LEARNING NOTES\n\n## LESSONS\n- FAVOUR: LONG gains.\n- AVOID: SHORT loses.\n- SHORT: n=9\n"
    soup = BeautifulSoup(prompt_page(text, manifest), "html.parser")
    assert [line.get_text() for line in soup.select("li.told")] == [
        "FAVOUR: LONG gains.",
        "AVOID: SHORT loses.",
    ]


@pytest.mark.parametrize(("decisions", "said"), [("simulated", True), ("live", False)])
def test_the_banner_of_a_made_up_market_says_who_decided(manifest, decisions, said):
    manifest.source |= {"synthetic": True, "decisions": decisions, "label": "x"}
    banner = (
        BeautifulSoup(prompt_page("# N\n", manifest), "html.parser")
        .select_one("details.synthetic summary")
        .get_text()
    )
    assert banner.startswith("Synthetic market: no real prices")
    assert ("and a simulated trader in place of Claude" in banner) == said
