"""What of a report stands side by side: words and their picture, two pictures; never a table, and nothing is lost or moved."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup

from runner.cycle.body import tidy

PIXEL = "data:image/png;base64,iVBORw0KGgo="
CELLS = {
    "h": "<h2>Part</h2><p>text</p>",
    "w": "<p>words</p>",
    "p": f"<img src='{PIXEL}' alt='A picture of something.'>",
    "t": "<table><tr><td>1</td></tr></table>",
    "f": "<details><summary>more</summary><p>folded</p></details>",
    "a": "<div class='finding'><p>answer</p><details><summary>sure</summary><p>folded</p></details></div>",
}


def shape(kinds: str, about: str = "") -> str:
    """The cells in a page's order, those of a pair in brackets with a bar between the columns."""
    html = "".join(f"<div class='cell'><i>{kind}</i>{CELLS[kind]}</div>" for kind in kinds)
    soup = BeautifulSoup(tidy(html, "Title", about), "html.parser")
    for pair in soup.find_all("div", class_="pair"):
        left, right = (
            "".join(found.text for found in side.find_all("i"))
            for side in pair.find_all("div", recursive=False)
        )
        pair.replace_with(f"[{left}|{right}]")
    for cell in soup.find_all("div", class_="cell"):
        cell.replace_with(cell.i.text)
    return soup.get_text().replace("About", "").strip()


@pytest.mark.parametrize(
    ("kinds", "shown"),
    [
        ("wp", "[w|p]"),
        ("ap", "[a|p]"),
        ("hp", "[h|p]"),
        ("wpp", "w[p|p]"),
        ("wppp", "[w|p][p|p]"),
        ("hwptf", "[hw|p]tf"),
        ("hhp", "h[h|p]"),
        ("whwp", "w[hw|p]"),
        ("wtp", "wtp"),
        ("wfpp", "wf[p|p]"),
        ("ptw", "ptw"),
        ("wpwp", "[w|p][w|p]"),
        ("pp", "[p|p]"),
        ("p", "p"),
        ("w", "w"),
    ],
)
def test_what_stands_side_by_side(kinds, shown):
    assert shape(kinds) == shown


def test_what_is_folded_at_the_end_is_no_part_of_it():
    assert shape("wpw", "About") == "[w|p]w"
