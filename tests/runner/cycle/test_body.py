from __future__ import annotations

import pytest
from bs4 import BeautifulSoup

from runner.cycle.body import tidy

PIXEL = "data:image/png;base64,iVBORw0KGgo="


@pytest.mark.parametrize(
    "html",
    [
        "<script>canary()</script>",
        "<p onclick='canary()'>text</p>",
        "<img src=x onerror=canary()>",
        "<img src='http://canary/x.png'>",
        "<img src='canary.png'>",
        "<img srcset='http://canary/x.png' src='" + PIXEL + "'>",
        "<img src='data:text/html;base64,canary'>",
        "<iframe src='canary'></iframe>",
        "<object data=canary></object><embed src=canary>",
        "<link rel=stylesheet href=canary><meta http-equiv=refresh content='0;canary'><base href=canary>",
        "<style>@import 'canary';</style>",
        "<style>p { background: url(canary) }</style>",
        "<p style='background: URL( canary )'>text</p>",
        "<p style='background: \\75rl(canary)'>text</p>",
        "<a href='javascript:canary()'>text</a>",
        "<a href=' jAvAscript:canary()'>text</a>",
        "<a href='data:text/html,canary'>text</a>",
        "<a href='//canary/x'>text</a>",
        "<svg onload=canary()><a href='javascript:canary()'/></svg>",
        "<form action=canary><input name=canary></form>",
        "<!-- canary -->",
        "<style scoped>canary {}</style>",
    ],
)
def test_what_could_run_or_fetch_goes(html):
    assert "canary" not in tidy(f"<div class='cell'><b>kept</b>{html}</div>").lower()
    assert "<b>kept</b>" in tidy(f"<div class='cell'><b>kept</b>{html}</div>")


def test_a_picture_that_may_not_be_fetched_leaves_no_empty_frame():
    assert tidy("<p>text<img src='http://x.org/y.png' alt='Own'></p>") == "<p>text</p>"


def test_what_a_report_needs_stays():
    style = "<style>#T_1_row0_col0 { color: red; }</style>"
    html = f"{style}<h2 id='h'>A</h2><a href='#h'>in</a> <a href='https://x.org/'>out</a> <a href='03.html'>near</a> <img src='{PIXEL}'>"
    cleaned = tidy(html)
    assert style in cleaned
    for part in ('id="h"', 'href="#h"', 'href="https://x.org/"', 'href="03.html"', PIXEL, "alt="):
        assert part in cleaned


def test_pictures_are_described_by_the_heading_above_them():
    picture = f'<img src="{PIXEL}">'
    html = f'{picture}<h2>Equity &amp; risk</h2>{picture}<p>text</p>{picture}<img src="{PIXEL}" alt="Own">'
    images = BeautifulSoup(tidy(html, "Actual trades"), "html.parser").find_all("img")
    assert [image["alt"] for image in images] == [
        "Chart: Actual trades",
        "Chart: Equity & risk",
        "Chart: Equity & risk (2)",
        "Own",
    ]


def test_text_stays_text():
    assert tidy("<p>1 &lt; 2 &amp;&amp; &lt;script&gt;</p>") == "<p>1 &lt; 2 &amp;&amp; &lt;script&gt;</p>"


def test_tables_scroll_and_numbers_stand_right():
    rows = (
        "<tr><td>LONG</td><td>−$1.50</td><td>44.4 %</td></tr><tr><td>SHORT</td><td>–</td><td>1,200</td></tr>"
    )
    html = (
        f"<table><thead><tr><th>setup</th><th>net</th><th>won</th></tr></thead><tbody>{rows}</tbody></table>"
    )
    table = BeautifulSoup(tidy(html), "html.parser").table
    assert table.parent["class"] == ["scroll"]
    marked = [
        [("num" in (cell.get("class") or [])) for cell in row.find_all(["th", "td"])]
        for row in table.find_all("tr")
    ]
    assert marked == [[False, True, True]] * 3


def test_a_column_of_long_text_may_break():
    html = f"<table><tr><td>{'word ' * 20}</td><td>short</td></tr></table>"
    cells = BeautifulSoup(tidy(html), "html.parser").find_all("td")
    assert [cell.get("class") for cell in cells] == [None, ["short"]]


def test_an_index_column_counts_as_one():
    html = "<table><thead><tr><th></th><th>n</th></tr></thead><tbody><tr><th>a</th><td>1</td></tr></tbody></table>"
    assert BeautifulSoup(tidy(html), "html.parser").td["class"] == ["num", "short"]


def test_cells_without_anything_go():
    assert tidy("<div class='cell'><div> </div></div>").strip() == ""
