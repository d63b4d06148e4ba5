"""Zoomable charts in a report: the blocks that a notebook kept beside its pictures, put beside the same pictures of the page."""

from __future__ import annotations

from nbformat import NotebookNode

from lib.contract.price_block import BLOCK_TYPE, PriceBlock
from runner.zoom.html import block_of, zoomable

#: In a report's body there is no other script: what a notebook shows is cleaned of them.
_BLOCK = '<script type="application/json">'


def take_blocks(notebook: NotebookNode) -> dict[str, PriceBlock]:
    """The blocks of a notebook by their picture (PNG in base64), taken out of it; one that is none of ours is dropped."""
    found = {}
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            kept = data.pop(BLOCK_TYPE, None)
            block = None if kept is None else block_of(kept)
            picture = "".join(data.get("image/png", "")).strip()
            if block is not None and picture:
                found[picture] = block
    return found


def with_charts(body: str, blocks: dict[str, PriceBlock]) -> str:
    """The body with each block beside its picture; of pictures that were left out there is no chart."""
    for picture, block in blocks.items():
        place = body.find(picture)
        first, last = body.rfind("<img", 0, max(place, 0)), body.find(">", place)
        if place >= 0 and first >= 0 and last >= 0:
            body = f"{body[:first]}{zoomable(body[first : last + 1], block)}{body[last + 1 :]}"
    return body


def has_chart(body: str) -> bool:
    """Whether a body has a block."""
    return _BLOCK in body
