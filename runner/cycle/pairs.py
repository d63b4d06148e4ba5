"""What of a report stands side by side where a page is wide: words beside the picture that shows them, and two pictures in a row.

Only elements are put around cells here; whether there is room for two columns is the style's affair, and on a phone nothing is changed.
Tables keep the whole width.
"""

from __future__ import annotations

from collections.abc import Sequence

from bs4 import BeautifulSoup, Tag

#: What needs the whole width, or is opened and then needs it.
_WIDE = ["table", "details", "pre"]


def pair_cells(soup: BeautifulSoup, cells: Sequence[Tag]) -> None:
    """Put a `div.pair` of two columns around each pair; `cells` are neighbours, in their order.

    Of an odd number of pictures in a row the first goes beside the words before it, as far back as these are of its own section.
    """
    words: list[Tag] = []
    pictures: list[Tag] = []
    for cell in cells:
        wide, picture = _is_wide(cell), cell.find("img")
        if picture and not wide:
            pictures.append(cell)
            continue
        _pair_run(soup, words, pictures)
        if pictures or wide or picture:
            words = []
        pictures = []
        if not (wide or picture):
            words = [cell] if cell.find(["h1", "h2"]) else [*words, cell]
    _pair_run(soup, words, pictures)


def _is_wide(cell: Tag) -> bool:
    """Whether a cell needs the whole width; what a finding folds are a few sentences, which stay in its column."""
    return cell.find(_WIDE) is not None and cell.find(class_="finding") is None


def _pair_run(soup: BeautifulSoup, words: list[Tag], pictures: list[Tag]) -> None:
    """Pair pictures in a row, after the words that stand before them."""
    rest = list(pictures)
    if len(rest) % 2 and words:
        _wrap(soup, words, [rest.pop(0)])
    for first, second in zip(rest[::2], rest[1::2], strict=False):
        _wrap(soup, [first], [second])


def _wrap(soup: BeautifulSoup, left: Sequence[Tag], right: Sequence[Tag]) -> None:
    pair = soup.new_tag("div", attrs={"class": "pair"})
    left[0].insert_before(pair)
    for column in (left, right):
        side = soup.new_tag("div")
        for cell in column:
            side.append(cell.extract())
        pair.append(side)
