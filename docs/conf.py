"""How `make docs` builds the site: Sphinx with MyST over the Markdown pages that GitHub shows as they are.

The order of the pages stands here and not in index.md, where it would be a code block to whoever reads it on GitHub. Nothing is fetched
from elsewhere when the site is read; tests/test_site.py looks.
"""

from __future__ import annotations

from typing import Any

project = "Ribbon Lab"
extensions = ["myst_parser"]
exclude_patterns = ["_build"]
myst_heading_anchors = 4
html_theme = "furo"
html_title = "Ribbon Lab"
html_copy_source = False
html_show_sphinx = False
html_show_copyright = False

CONTENTS = {
    "Guide": (
        "guide/setting-up",
        "guide/collecting",
        "guide/importing-trades",
        "guide/candle-files",
        "guide/trading",
        "guide/claude",
        "guide/lessons",
        "guide/experiment",
        "guide/asking",
        "guide/studies",
        "guide/replaying",
        "guide/going-live",
        "guide/notebooks",
        "guide/keeping",
        "guide/adding-an-analyzer",
    ),
    "Reference": (
        "reference/commands",
        "reference/settings",
        "reference/exit-codes",
        "reference/reason-codes",
        "reference/bad-rows",
        "reference/speed",
        "reference/evidence-figures",
        "reference/experiment-figures",
        "reference/question-figures",
        "reference/mutants",
    ),
    "The law and the map": (
        "definitions",
        "guarantees",
        "evidence-method",
        "data-contracts",
        "map",
        "decisions/README",
    ),
}


def add_contents(app: Any, name: str, source: list[str]) -> None:
    """The tree of the pages, at the end of the first page and of the list of decisions."""
    if name == "index":
        for caption, pages in CONTENTS.items():
            source[0] += _tree(f":caption: {caption}\n", pages)
    elif name == "decisions/README":
        pages = sorted(app.env.found_docs)
        source[0] += _tree(
            "", [page.partition("/")[2] for page in pages if page.startswith("decisions/") and page != name]
        )


def _tree(options: str, pages: Any) -> str:
    listed = "\n".join(pages)
    return f"\n\n```{{toctree}}\n:hidden:\n{options}\n{listed}\n```\n"


def setup(app: Any) -> None:
    """Sphinx calls this."""
    app.connect("source-read", add_contents)
