"""A notebook's own HTML made safe and tidy: only known tags and attributes stay, tables scroll, numbers stand right.

Outputs may quote text that came from outside, and markdown passes HTML through. So nh3 takes away what is not on the list below, and the
page around it forbids scripts and foreign sources besides (its content security policy): two fences, either of which would do.
"""

from __future__ import annotations

import re
from collections import Counter

import nh3
from bs4 import BeautifulSoup, Tag

from runner.cycle.pairs import pair_cells

#: A style of its own is what colours a table.
_TAGS = nh3.ALLOWED_TAGS - {"area", "map"} | {"style", "tfoot"}
#: Removed with all they hold; other unknown tags are only unwrapped.
_DROPPED = {"iframe", "math", "noscript", "object", "script", "select", "svg", "template", "textarea"}
_ATTRIBUTES = nh3.ALLOWED_ATTRIBUTES | {
    "*": {"class", "id", "title", "style", "data-label", "role", "aria-label"},
    "th": {"scope", "colspan", "rowspan"},
    "details": {"open"},
    "style": {"scoped"},  # goes in `tidy`
}
#: A column whose longest text has at most this many characters is kept on one line.
SHORT = 32
_HEADINGS = ["h1", "h2", "h3", "h4", "h5", "h6"]
_IMAGE = re.compile(r"data:image/(?:png|jpeg|gif|webp|svg\+xml);base64,[A-Za-z0-9+/=\s]+")
_LINK = re.compile(r"(?:#|https?://|[\w.-]+(?:[/?#]|$))", re.IGNORECASE)
_REACHES_OUT = re.compile(
    r"url\s*\(|@import|expression\s*\(|image-set|\\|<|position\s*:|behavior\s*:", re.IGNORECASE
)
_NUMBER = re.compile(
    r"[−–+-]?\s*[$€]?\s*[−–+-]?\s*\d[\d,.\s]*(?:%|\$|€|s|min|h|×)?|[−–-]|n/?a|nan|null|none|<na>",
    re.IGNORECASE,
)


def tidy(html: str, title: str = "", about: str = "") -> str:
    """The HTML of a notebook's cells, fit to be put into a page of ours; `title` describes pictures above the first heading.

    The last cell is folded behind the word `about`, if there is one.
    """
    soup = BeautifulSoup(_safe(html), "html.parser")
    # pandas sends a scoped style with every plain table; a Styler's own is kept.
    for style in soup.find_all("style"):
        if "scoped" in style.attrs or _REACHES_OUT.search(style.get_text()):
            style.decompose()
    for image in soup.find_all("img", src=False):
        image.decompose()
    for table in soup.find_all("table"):
        _align(table)
        if not (table.parent and "scroll" in (table.parent.get("class") or [])):
            name = table.caption or table.find_previous(_HEADINGS)
            label = name.get_text(" ", strip=True) if name else title or "Table"
            scroll = {"class": "scroll", "tabindex": "0", "role": "group", "aria-label": label}
            table.wrap(soup.new_tag("div", attrs=scroll))
    _describe(soup.find_all("img"), title)
    for cell in soup.find_all("div", class_="cell"):
        if not cell.get_text(strip=True) and not cell.find("img"):
            cell.decompose()
    cells = soup.find_all("div", class_="cell")
    pair_cells(soup, cells[:-1] if about else cells)
    if about and cells:
        folded = cells[-1].wrap(soup.new_tag("details", attrs={"class": "about"}))
        summary = soup.new_tag("summary")
        summary.string = about
        folded.insert(0, summary)
    return str(soup)


def _safe(html: str) -> str:
    return nh3.clean(
        html,
        tags=_TAGS,
        clean_content_tags=_DROPPED,
        attributes=_ATTRIBUTES,
        attribute_filter=_attribute,
        url_schemes={"http", "https", "data"},
        link_rel=None,
    )


def _attribute(tag: str, name: str, value: str) -> str | None:
    """An allowed attribute's value, or None where it reaches out of the page."""
    if name == "style":
        return None if _REACHES_OUT.search(value) else value
    fitting = {"src": _IMAGE.fullmatch, "href": _LINK.match}.get(name)
    return value if fitting is None or fitting(value.strip()) else None


def _describe(images: list[Tag], title: str) -> None:
    """Give pictures without a description the heading they stand under, numbered from the second on under the same one."""
    under: Counter[str] = Counter()
    for image in images:
        if image.get("alt"):
            continue
        heading = image.find_previous(_HEADINGS)
        subject = heading.get_text(" ", strip=True) if heading else title
        under[subject] += 1
        number = f" ({under[subject]})" if under[subject] > 1 else ""
        image["alt"] = f"Chart: {subject}{number}" if subject else "Chart"


def _align(table: Tag) -> None:
    """Mark the cells of columns that hold numbers, heads included, and of columns too short to be broken."""
    rows = [row.find_all(["td", "th"], recursive=False) for row in table.find_all("tr")]
    body = [row for row in rows if any(cell.name == "td" for cell in row)]
    width = max((len(row) for row in rows), default=0)
    for column in range(width):
        cells = [row[column] for row in body if len(row) == width]
        texts = [text for cell in cells if (text := cell.get_text(strip=True))]
        marks = ["num"] if texts and all(_NUMBER.fullmatch(text) for text in texts) else []
        marks += ["short"] if texts and max(map(len, texts)) <= SHORT else []
        for row in rows:
            if marks and len(row) == width:
                row[column]["class"] = [*(row[column].get("class") or []), *marks]
