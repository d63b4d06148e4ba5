"""The page of a decision: whole, closed, and nothing that stands in a file can do anything in it."""

from __future__ import annotations

import base64
import re

import pytest
from bs4 import BeautifulSoup

from lib.draw.numbers import dollars
from lib.prompt.archive import archive_text
from lib.prompt.lessons import ADVICE
from runner.claude.kept_requests import request_text
from runner.why.page import why_page
from runner.why.words import titled
from tests.browser.pages import every_page_stands_alone, sideways
from tests.runner.why.made import ASKED, decide, executed, log_events, market, trade_events, why
from tests.runner.why.test_read import REQUEST, keep

ATTACK = "</pre></blockquote>\"'><script>document.title='ran'</script><img src=x onerror=\"document.title='ran'\">{{ 7*7 }}\x1b[2J\u202e"
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
#: Of a text that was escaped once.
SHOWN = "<script>document.title='ran'</script>"


@pytest.fixture
def attacked(tmp_path) -> str:
    """The page of a decision whose every text attacks."""
    market(tmp_path, {ASKED + 4: 100.35})
    asked = {**REQUEST, "model": ATTACK, "system": [{"type": "text", "text": ATTACK}]}
    texts = (
        "reasoning",
        "model",
        "first_model",
        "first_answer",
        "regime",
        "wick",
        "asked_because",
        "state_5min",
        "exit_reason",
    )
    lessons = archive_text(tmp_path, f"- FAVOUR: {ATTACK}\n")
    hashes = {"prompt_sha": lessons, "request_sha": keep(tmp_path, request_text(asked))}
    decide(tmp_path, **executed() | dict.fromkeys(texts, ATTACK) | hashes, decision_id=ATTACK)
    log_events(tmp_path, *trade_events(ATTACK, ASKED, ASKED + 11))
    found = why(tmp_path, "last")
    assert not found.record.faults
    return why_page(found)


@pytest.fixture
def page(tmp_path) -> str:
    market(tmp_path, {ASKED + 4: 100.35, ASKED + 8: 100.2})
    log_events(tmp_path, *trade_events("claude-one", ASKED, ASKED + 11))
    decide(tmp_path, **executed(), request_sha=keep(tmp_path, request_text(REQUEST)))
    return why_page(why(tmp_path))


def test_what_attacks_is_text(attacked):
    soup = BeautifulSoup(attacked, "html.parser")
    assert soup.find_all("script") == [] and len(soup.find_all("img")) == 1
    assert [tag.name for tag in soup.find_all(True) if any(name.startswith("on") for name in tag.attrs)] == []
    assert not {"\x1b", "\u202e"} & set(attacked)
    assert soup.get_text().count(SHOWN) >= 8 and "{{ 7*7 }}" in soup.get_text() and "49\\x1b" not in attacked
    (quote,) = soup.find_all("blockquote")
    assert quote.get_text().startswith("</pre></blockquote>") and "\\x1b[2J\\u202e" in quote.get_text()
    assert "&lt;script&gt;" in attacked and "&amp;lt;script" not in attacked  # once, not twice


def test_it_is_one_page_that_fetches_nothing(page):
    soup = BeautifulSoup(page, "html.parser")
    (policy,) = soup.find_all("meta", attrs={"http-equiv": "Content-Security-Policy"})
    assert policy["content"] == POLICY and soup.find_all("script") == []
    fetched = [
        tag.get(name) for tag in soup.find_all(True) for name in ("src", "srcset", "href") if tag.get(name)
    ]
    assert all(address.startswith("data:") for address in fetched)
    assert "url(" not in page and soup.html["lang"] == "en" and soup.title.string.startswith("Why LONG at")


def test_the_answer_comes_first_and_every_part_is_there(page):
    soup = BeautifulSoup(page, "html.parser")
    first, *_ = soup.main.find_all("p")
    assert first.get_text().startswith(
        "claude-sonnet-5-5 said LONG with confidence 0.80: it was entered. It ended"
    )
    headings = [
        "What it made",
        "Why it was asked",
        "The rails",
        "The answer",
        "Lessons in force",
        "What was sent verified",
    ]
    assert [heading.get_text() for heading in soup.find_all("h2")] == headings
    assert [row.th.get_text() for row in soup.table.tbody.find_all("tr")] == [
        "As it was traded",
        "By the standard exits",
    ]
    quote, chart = page.index('<blockquote class="said">All lines rise.'), page.index('id="price-chart"')
    assert quote < chart and page.count("All lines rise.") == 1
    assert "The rules." in page and "TICK" in page


def test_it_says_what_the_account_made_of_it_in_dollars(tmp_path):
    market(tmp_path, {ASKED + 4: 100.35, ASKED + 8: 100.2})
    log_events(tmp_path, *trade_events("claude-one", ASKED, ASKED + 11))
    decide(tmp_path, **executed())
    found = why(tmp_path)
    traded, standard = found.record.outcomes
    fill = next(event for event in found.record.events if event.kind == "fill")
    assert traded.net_usd is not None and standard.net_usd is None
    assert traded.net_usd * traded.net_pct > 0 and fill.price == traded.entry_price
    assert (
        traded.net_usd == pytest.approx(traded.value_usd * traded.net_pct / 100)
        and standard.value_usd is None
    )
    said = f"{dollars(traded.net_usd)} on {dollars(traded.value_usd).removeprefix('+')}"
    assert f"({said})" in " ".join(found.record.answer)
    assert said in why_page(found)


def test_lessons_are_in_the_words_of_the_reports_and_said_to_be_verified(tmp_path):
    market(tmp_path)
    told = archive_text(tmp_path, f"- {ADVICE['favour']} X gain: +0.2 %, n=233 in 231 ep.\n")
    decide(tmp_path, **executed(), prompt_sha=told)
    soup = BeautifulSoup(why_page(why(tmp_path)), "html.parser")
    (lesson,) = soup.select(".told + ul li")
    assert lesson.get_text().endswith("X gain: +0.2 %, 233 trades in 231 episodes.")
    assert "the kept text is verified" in soup.get_text() and "n=233 in 231 ep" in soup.pre.get_text()


@pytest.mark.parametrize(("reason", "said"), [("TIME_EXIT", True), ("CLAUDE_EXIT", False)])
def test_an_end_by_time_says_that_its_minutes_are_of_whole_candles(tmp_path, reason, said):
    market(tmp_path, {ASKED + 4: 100.35})
    decide(tmp_path, **executed(exit_reason=reason))
    assert ("A hold is counted in whole candles" in why_page(why(tmp_path))) is said


def test_two_ways_out_that_ended_alike_are_one_row(tmp_path):
    market(tmp_path, {ASKED + 4: 100.35})
    decide(tmp_path, **executed(exit_price="100.3", net_pnl_pct="0.21", exit_reason="TP_HIT"))
    found = why(tmp_path)
    traded, standard = found.record.outcomes
    alike = [traded, traded.model_copy(update={"of": "standard exits"})]
    assert [title for title, _ in titled(alike)] == ["As it was traded, and by the standard exits"]
    other = [traded, standard.model_copy(update={"net_pct": traded.net_pct + 0.1})]
    assert [title for title, _ in titled(other)] == ["As it was traded", "By the standard exits"]


@pytest.mark.parametrize(("code", "opened"), [("", False), ("rail_confidence", True)])
def test_rails_are_folded_unless_one_failed(tmp_path, code, opened):
    market(tmp_path)
    decide(tmp_path, direction="LONG", entry_recommended="YES", reason_code=code)
    log_events(tmp_path)
    soup = BeautifulSoup(why_page(why(tmp_path)), "html.parser")
    summary = next(each for each in soup.find_all("summary") if each.get_text().endswith("passed"))
    rails = why(tmp_path).record.rails
    passed = sum(rail.verdict == "passed" for rail in rails)
    assert (
        summary.get_text() == f"{passed} of {len(rails)} passed" and summary.parent.has_attr("open") is opened
    )


def test_a_page_that_is_served_leads_back(tmp_path):
    market(tmp_path)
    decide(tmp_path)
    soup = BeautifulSoup(
        why_page(why(tmp_path), links={"Now": "/", "all <cycles>": "/outputs/index.html"}), "html.parser"
    )
    assert [(a.get_text(), a["href"]) for a in soup.nav.find_all("a")] == [
        ("Now", "/"),
        ("All <cycles>", "/outputs/index.html"),
    ]
    assert BeautifulSoup(why_page(why(tmp_path)), "html.parser").nav is None


def test_its_pictures_are_for_either_width_and_their_text_has_the_finding(page):
    soup = BeautifulSoup(page, "html.parser")
    (image,), (source,) = soup.find_all("img"), soup.find_all("source")
    wide, narrow = (
        base64.b64decode(address.partition(",")[2]) for address in (image["src"], source["srcset"])
    )
    assert wide[:4] == narrow[:4] == b"\x89PNG" and wide != narrow
    assert source["media"] == "(max-width: 640px)"
    assert "+0.11 % net" in image["alt"]


def test_cells_have_their_names_for_where_tables_are_cards(page):
    for table in BeautifulSoup(page, "html.parser").find_all("table"):
        for row in table.tbody.find_all("tr"):
            assert row.th and all(cell.get("data-label") or cell.span for cell in row.find_all("td"))


def test_without_a_price_the_page_is_whole(tmp_path):
    decide(tmp_path, **executed())
    page = why_page(why(tmp_path))
    assert "No price of that time is there to draw" in page and "What it made" in page


OPEN = executed(**dict.fromkeys(("exit_price", "exit_time", "exit_reason", "net_pnl_pct", "pnl_pct"), ""))


@pytest.mark.parametrize("changed", [{"direction": "HOLD", "reason_code": "hold"}, OPEN])
def test_what_has_no_result_is_drawn_too(tmp_path, changed):
    market(tmp_path)
    decide(tmp_path, **changed)
    assert "data:image/png" in why_page(why(tmp_path))


def test_what_cannot_be_read_stands_first(tmp_path):
    market(tmp_path)
    decide(tmp_path, **executed())
    (tmp_path / "terms.jsonl").write_text(f"{ATTACK}\n")
    soup = BeautifulSoup(why_page(why(tmp_path)), "html.parser")
    (note,) = soup.find_all("div", class_="failure")
    assert note["role"] == "alert" and note.get_text().startswith("Cannot be read: terms: ")


def test_a_simulated_market_is_told(tmp_path):
    market(tmp_path)
    for name in ("ema_data_5min.csv", "ema_data_15min.csv"):
        path = tmp_path / name
        path.write_text(path.read_text().replace("ETHUSDT", "SYNTHETIC-ETHUSDT"))
    decide(tmp_path, direction="HOLD", reason_code="hold")
    assert "these prices never happened" in why_page(why(tmp_path))


@pytest.mark.browser
def test_a_long_path_that_cannot_be_read_stays_on_the_page(browser, tmp_path):
    market(tmp_path)
    decide(tmp_path, **executed())
    found = why(tmp_path)
    found.record.faults.append(
        f"events: /{'a_folder_with_a_long_name/' * 5}trade_events.csv: rows are missing at its end"
    )
    path = tmp_path / "why.html"
    path.write_text(why_page(found), encoding="utf-8")
    size = {"width": 390, "height": 900, "deviceScaleFactor": 1, "mobile": True}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    browser.get(path.as_uri())
    assert browser.find_element("class name", "failure").is_displayed() and sideways(browser) <= 0


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_in_a_browser(browser, tmp_path, attacked, width, scheme):
    path = tmp_path / "why.html"
    path.write_text(attacked, encoding="utf-8")
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 640}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    every_page_stands_alone(browser, [path])
    assert sideways(browser) <= 0
    found = browser.execute_script(
        "const style = getComputedStyle(document.body); const image = document.images[0];"
        "return [style.backgroundColor, getComputedStyle(document.querySelector('table tr td')).display, image.currentSrc.length]"
    )
    dark = sum(int(part) for part in re.findall(r"\d+", found[0])[:3]) < 200
    assert dark == (scheme == "dark")
    assert found[1] == ("flex" if width < 640 else "table-cell")
    browser.execute_script("document.querySelectorAll('details').forEach(part => part.open = true)")
    assert sideways(browser) <= 0


def test_of_two_models_the_page_shows_both(tmp_path):
    market(tmp_path)
    one, other = (keep(tmp_path, request_text({**REQUEST, "model": name})) for name in ("haiku", "sonnet"))
    first = {
        "first_model": "claude-haiku-5-5",
        "first_answer": "LONG",
        "first_confidence": 0.85,
        "first_cost_usd": 0.0004,
    }
    decide(tmp_path, **first, first_request_sha=one, request_sha=other)
    soup = BeautifulSoup(why_page(why(tmp_path)), "html.parser")
    headings = [heading.get_text() for heading in soup.find_all("h2")]
    assert headings[-2:] == [
        "What was sent to claude-haiku-5-5, first verified", "What was sent to claude-sonnet-5-5 verified",
    ]  # fmt: skip
    assert "claude-haiku-5-5 advised LONG with confidence 0.85" in soup.get_text()
    assert {one, other} <= set(soup.get_text().split())
