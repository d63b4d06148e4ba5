"""The page of a comparison: whole, closed, its answer first, and nothing that stands in a file can do anything in it."""

from __future__ import annotations

import base64

import pytest
from bs4 import BeautifulSoup

from runner.compare.page import comparison_page
from runner.cycle.pages import environment, environment_of
from tests.browser.pages import every_page_stands_alone, sideways
from tests.runner.compare.made import SOURCE, compared, many, replay

ATTACK = "\"'><script>document.title='ran'</script><img src=x onerror=\"document.title='ran'\">{{ 7*7 }}\x1b[2J\u202e"
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
NETS = (0.19, -0.26, 0.1, -0.05, 0.3)


def page_of(folder, a=None, b=None, **changed) -> str:
    first = many(40, NETS) if a is None else a
    second = [t._replace(net=t.net + 0.02 * (at % 2)) for at, t in enumerate(first)] if b is None else b
    return comparison_page(compared(replay(folder / "a", first), replay(folder / "b", second, **changed)))


@pytest.fixture
def attacked(tmp_path) -> str:
    """The page of two replays whose every text attacks."""
    source = SOURCE | dict.fromkeys(("symbol", "coin", "label"), ATTACK) | {"decisions": "live"}
    texts = {
        "source": source,
        "training_warning": ATTACK,
        "settings": {ATTACK: ATTACK},
        "trading_data": ATTACK,
    }
    trades = many(40, NETS)
    sides = [replay(tmp_path / name, trades, f"{ATTACK}{name}", **texts, hours_learned=name) for name in "ab"]
    return comparison_page(compared(*sides))


def test_what_attacks_is_text(attacked):
    soup = BeautifulSoup(attacked, "html.parser")
    assert soup.find_all("script") == [] and len(soup.find_all("img")) == 1
    assert [tag.name for tag in soup.find_all(True) if any(name.startswith("on") for name in tag.attrs)] == []
    assert not {"\x1b", "\u202e"} & set(attacked)
    assert soup.get_text().count("<script>document.title='ran'</script>") >= 6 and "49\\x1b" not in attacked
    assert "&lt;script&gt;" in attacked and "&amp;lt;script" not in attacked  # once, not twice


def test_it_is_one_page_that_fetches_nothing(tmp_path):
    page = page_of(tmp_path)
    soup = BeautifulSoup(page, "html.parser")
    (policy,) = soup.find_all("meta", attrs={"http-equiv": "Content-Security-Policy"})
    assert policy["content"] == POLICY
    fetched = [tag.get(name) for tag in soup.find_all(True) for name in ("src", "href") if tag.get(name)]
    assert all(address.startswith("data:") for address in fetched) and "url(" not in page


def test_the_answer_comes_first_then_the_picture_then_the_rest(tmp_path):
    soup = BeautifulSoup(page_of(tmp_path), "html.parser")
    first, *_ = soup.main.find_all("p")
    assert first.get_text().startswith("B made 0.010\u00a0% more an episode than A (95\u00a0% +0.007 to")
    assert [heading.get_text() for heading in soup.find_all("h2")] == [
        "B less A",
        "Each on its own",
        "What may be compared",
    ]
    (image,) = soup.find_all("img")
    assert base64.b64decode(image["src"].partition(",")[2])[:4] == b"\x89PNG"
    assert image["alt"] == (
        "Running sum of net returns, two lines over time: at their ends A +2.24 %, B +2.64 %, of 40 trades and 40 trades."
    )


def test_rows_say_their_n_and_too_few_get_no_figure(tmp_path):
    trades = many(40, NETS) + many(4, NETS, direction="SHORT", every=61.0)
    soup = BeautifulSoup(page_of(tmp_path, trades), "html.parser")
    rows = {
        row.th.get_text(): [cell.get_text() for cell in row.find_all("td")] for row in soup.table.tbody("tr")
    }
    assert list(rows) == ["all trades, after costs", "LONG, after costs", "SHORT, after costs"]
    assert rows["SHORT, after costs"][:3] == ["–", "–", "too few"]
    assert rows["LONG, after costs"][3] == "40 / 40 / 40"


def test_cells_have_their_names_for_where_tables_are_cards(tmp_path):
    for table in BeautifulSoup(page_of(tmp_path, rails=False), "html.parser").find_all("table"):
        for row in table.tbody.find_all("tr"):
            assert row.th and all(
                cell.get("data-label") or cell.span or cell.get("colspan") for cell in row.find_all("td")
            )


def test_a_simulated_market_is_told(tmp_path):
    page = page_of(tmp_path, source=SOURCE | {"synthetic": True})
    assert "Synthetic market on one side: these prices never happened." in page


@pytest.mark.parametrize(("a", "b"), [([], []), (many(3, NETS), [])])
def test_without_trades_the_page_is_whole(tmp_path, a, b):
    page = page_of(tmp_path, a, b)
    assert "There is nothing to compare" in page and "data:image/png" in page


def test_what_a_room_adds_to_its_templates_is_its_own():
    made = environment_of("runner.compare")
    made.filters["of this room"] = str
    assert "of this room" not in environment().filters and "moment" in made.filters


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 390])
def test_in_a_browser(browser, tmp_path, attacked, width):
    path = tmp_path / "compare.html"
    path.write_text(attacked, encoding="utf-8")
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 640}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    every_page_stands_alone(browser, [path])
    assert sideways(browser) <= 0
