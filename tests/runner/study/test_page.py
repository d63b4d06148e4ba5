"""A study's page: whole, closed, its answer first, every cell with its n, and nothing that stands in a file can do anything in it."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from bs4 import BeautifulSoup

from lib.market.terms import DEFAULT_TERMS
from lib.questions.study import Cell, Level, StudyTable, study_sentences, together
from runner.study.page import study_page
from runner.study.words import e_value, study_lines
from tests.browser.pages import every_page_stands_alone, sideways

ATTACK = "\"'><script>document.title='ran'</script><img src=x onerror=\"document.title='ran'\">{{ 7*7 }}\x1b[2J\u202e"


def made(
    questions: int = 3, markets: int = 4, confirm: bool = False, terms: int = 1, text: str = ""
) -> StudyTable:
    cells = [
        Cell(
            question=f"a_question_of_length_{q}",
            market=f"MARKET{m}USDT{text}",
            terms=f"t{t}" if terms > 1 else "standard",
            period="all",
            job=f"{q}-{m}-{t}",
            state="refused" if (q, m) == (1, 1) else "answered",
            reason=f"it looks ahead{text}" if (q, m) == (1, 1) else "",
            trades=2 if (q, m) == (0, 0) else 1_234,
            episodes=900,
            net_mean_pct=0.03 * (m - q),
            net_low_pct=-0.1,
            net_high_pct=0.2,
            log_e=float(m - q),
            evidence=0.12,
            verdict="not shown" if confirm else None,
        )
        for t in range(terms)
        for q in range(questions)
        for m in range(markets)
    ]
    levels = {f"a_question_of_length_{q}": Level(1, confirm) for q in range(questions)}
    found = StudyTable(
        study="made",
        confirm=confirm,
        version="v",
        cells=cells,
        together=together(cells, levels, confirm),
        answer=[],
    )
    return found.model_copy(update={"answer": study_sentences(found)})


def page_of(found: StudyTable, text: str = "") -> str:
    """The page, with a plan of which it reads titles, terms and boundaries."""
    names, sides = (
        list(dict.fromkeys(getattr(cell, side) for cell in found.cells)) for side in ("question", "market")
    )
    questions = [SimpleNamespace(name=name, title=f"What is claimed.{text}") for name in names]
    fixed = SimpleNamespace(boundary="2026-01-01T00:00:00Z")
    markets = [
        SimpleNamespace(history=SimpleNamespace(market=name, source=f"file.csv{text}"), fixed=fixed)
        for name in sides
    ]
    return study_page(
        found,
        SimpleNamespace(
            questions=questions, markets=markets, terms={"standard": DEFAULT_TERMS}, notes=[text or "a note"]
        ),
    )


def test_the_answer_comes_first_then_the_map_then_the_rest():
    soup = BeautifulSoup(page_of(made()), "html.parser")
    first, *_ = soup.main.find_all("p")
    assert first.get_text() == "Exploratory (made): 12 cells, 11 answered, 1 refused."
    (image,) = soup.find_all("img")
    assert "question by market" in image["alt"] and image["src"].startswith("data:image/png")
    assert [heading.get_text() for heading in soup.find_all("h2")] == [
        "All markets together",
        "Each cell",
        "What was asked",
    ]
    rows = soup.find_all("table")[1].tbody.find_all("tr")
    assert len(rows) == 11 and [cell.get_text() for cell in rows[0].find_all("td")] == [
        "MARKET0USDT",
        "2",
        "–",
        "–",
        "–",
    ]
    assert [cell.get_text() for cell in rows[2].find_all("td")][1:4] == [
        "1,234",
        "+0.060 %",
        "−0.100 to +0.200",
    ]
    (left,) = [item.get_text() for item in soup.find_all("li") if "refused" in item.get_text()]
    assert left == "a_question_of_length_1 on MARKET1USDT: refused: it looks ahead"


def test_what_is_not_known_of_all_markets_is_not_said():
    rows = BeautifulSoup(page_of(made()), "html.parser").find("table").tbody.find_all("tr")
    assert [row.find_all("td")[-1].get_text() for row in rows] == [
        "no (exploratory)",
        "not said (exploratory)",
        "no (exploratory)",
    ]


def test_confirmed_cells_have_their_verdict_and_terms_their_column():
    soup = BeautifulSoup(page_of(made(confirm=True, terms=2)), "html.parser")
    heads = [head.get_text() for head in soup.find_all("table")[1].thead.find_all("th")]
    assert "Verdict" in heads and "Terms" in heads and len(soup.find_all("img")) == 2
    assert "Each confirmed cell has spent a level of its own" in soup.get_text()


def test_what_attacks_is_text():
    page = page_of(made(text=ATTACK), ATTACK)
    soup = BeautifulSoup(page, "html.parser")
    assert soup.find_all("script") == [] and len(soup.find_all("img")) == 1
    assert not {"\x1b", "\u202e"} & set(page) and "{{ 7*7 }}" in soup.get_text()


def test_cells_have_their_names_for_where_tables_are_cards():
    for table in BeautifulSoup(page_of(made(confirm=True)), "html.parser").find_all("table"):
        for row in table.tbody.find_all("tr"):
            assert row.th and all(cell.get("data-label") for cell in row.find_all("td"))


def test_the_same_on_a_terminal(tmp_path):
    lines = study_lines(made(), tmp_path)
    assert lines[0] == "Exploratory (made): 12 cells, 11 answered, 1 refused."
    (line,) = [line for line in lines if "question_of_length_1 · MARKET1USDT" in line]
    assert line.endswith("refused: it looks ahead")
    (line,) = [line for line in lines if "question_of_length_0 · MARKET2USDT" in line]
    assert (
        line.split()[-7:] == ["1,234", "+0.060", "[-0.100", "to", "0.200]", "0.12"][-7:] or "+0.060" in line
    )
    assert lines[-1] == f"  page: {tmp_path / 'study.html'}"


@pytest.mark.parametrize(
    ("log_e", "told"), [(None, "–"), (0.0, "1.00"), (-20.0, "0"), (5.0, "148"), (40.0, "1e17"), (-1e9, "0")]
)
def test_e_values_in_words(log_e, told):
    assert e_value(log_e) == told


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 390])
def test_in_a_browser(browser, tmp_path, width):
    path = tmp_path / "study.html"
    path.write_text(page_of(made(text=ATTACK, confirm=True, terms=2), ATTACK), encoding="utf-8")
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 640}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    every_page_stands_alone(browser, [path])
    assert sideways(browser) <= 0
