"""The documentation as pages: the Markdown files of the repository, rendered when they are asked for.

Raw HTML in them is shown as text, and links that could run something are none. A table can be rolled sideways; a heading has the anchor
that GitHub gives it, so that links between pages work.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import mistune
from markupsafe import Markup
from mistune.renderers.html import HTMLRenderer

from lib.errors import ParameterError
from lib.paths import repository_root

#: Pages beside `docs/`, which its pages link to.
BESIDE = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "LICENSE")
_KINDS = (".md", ".png", ".svg", "")
_TAG, _NO_WORD = re.compile(r"<[^>]+>"), re.compile(r"[^\w\- ]")


class _Pages(HTMLRenderer):
    """With anchors at headings and tables that can be rolled."""

    def __init__(self) -> None:
        super().__init__(escape=True)
        self.anchors: dict[str, int] = {}

    def heading(self, text: str, level: int, **attrs: Any) -> str:
        name = _NO_WORD.sub("", mistune.util.unescape(_TAG.sub("", text)).lower()).strip().replace(" ", "-")
        seen = self.anchors.get(name, 0)
        self.anchors[name] = seen + 1
        anchor = mistune.escape(f"{name}-{seen}" if seen else name)
        return f'<h{level} id="{anchor}">{text}</h{level}>\n'

    def block_html(self, html: str) -> str:
        return "" if html.lstrip().startswith("<!--") else super().block_html(html)


def documents_root() -> Path | None:
    """The repository, whose documentation it is; None where the project is installed without it."""
    try:
        return repository_root()
    except ParameterError:
        return None


def document_html(text: str) -> Markup:
    """A page of Markdown as HTML."""
    renderer = _Pages()
    made = mistune.create_markdown(renderer=renderer, plugins=["table", "strikethrough"])(text)
    assert isinstance(made, str)
    rolled = made.replace(
        "<table>", '<div class="scroll" tabindex="0" role="region" aria-label="Table"><table>'
    )
    return Markup(rolled.replace("</table>", "</table></div>"))


def document_path(root: Path, asked: str) -> Path | None:
    """The file of the documentation that an address below `/` means; None where it is none of it."""
    if asked not in BESIDE and not asked.startswith("docs/"):
        return None
    try:
        path = (root / asked).resolve()
        inside = path.is_relative_to(root.resolve() / "docs") or asked in BESIDE
        return path if inside and path.is_file() and path.suffix in _KINDS else None
    except (OSError, RuntimeError, ValueError):  # a name that no file can have
        return None
