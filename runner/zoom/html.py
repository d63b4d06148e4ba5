"""A block as HTML beside its still picture, and the lines that a page with a chart has in its head."""

from __future__ import annotations

import json

from markupsafe import Markup, escape
from pydantic import ValidationError

from lib.contract.price_block import PriceBlock
from runner.zoom.scripts import scripts, style

#: Bytes that a block may have; those of our own figures have some tens of thousands.
MOST_BYTES = 200_000
#: JSON needs none of these outside of texts, and inside of them has another way to write them.
_ESCAPES = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})


def zoomable(still: str, block: PriceBlock | None) -> Markup:
    """The still picture (HTML of ours) with the block of the chart that takes its place where scripts run."""
    if block is None:
        return Markup(still)
    return Markup(f'<div class="zoomable"><div class="still">{still}</div>{block_html(block)}</div>')


def block_html(block: PriceBlock) -> Markup:
    """The block alone: data in an element that no browser runs."""
    text = block.model_dump_json()
    return Markup(f'<script type="application/json">{text.translate(_ESCAPES)}</script>')


def block_of(kept: object) -> PriceBlock | None:
    """The block that a notebook kept, checked: what is none of ours is left out, as notebooks may hold anything."""
    try:
        text = json.dumps(kept)
        return PriceBlock.model_validate_json(text) if len(text) <= MOST_BYTES else None
    except (TypeError, ValueError, ValidationError):
        return None


def head(place: str, nonce: str = "") -> Markup:
    """Scripts for a page's head, whose files are at `place` (ends with a slash); they run in order once the page is there."""
    marked = f' nonce="{escape(nonce)}"' if nonce else ""
    return Markup("\n").join(
        Markup(f'<script defer src="{escape(place)}{escape(name)}"{marked}></script>') for name in scripts()
    )


__all__ = ["block_html", "block_of", "head", "style", "zoomable"]
