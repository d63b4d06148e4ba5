"""What code, notebooks and pages say of the law in docs/: which page, and which heading or guarantee of it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import NamedTuple

from lib.paths import repository_root

ROOT = repository_root()
#: Where references stand.
PLACES = (
    "lib",
    "runner",
    "bench",
    "scripts",
    "tests",
    "notebooks",
    "docs",
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
)
GUARANTEES_PAGE = "docs/guarantees.md"
#: A heading follows a page's name after a comma and begins with a capital.
REFERENCE = re.compile(r"\b(docs/[\w/-]+\.md)(?:, (?=[A-Z])([^\n]{1,80}))?")
CODES = re.compile(r"[A-Z]\d+(?:(?:–|, )[A-Z]\d+)*")
CODE = re.compile(r"^- \*\*([A-Z]\d+)\*\* ", re.MULTILINE)
PROOF = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")
MARK = re.compile(r"\*\((?:not|Not) yet\b|\*\([^)]*\bnot yet\b")
#: A line that goes on in the next one, with what begins a comment there.
FOLD = re.compile(r"[ \t]*\n[ \t]*(?:#:?[ \t]*)?")


class Reference(NamedTuple):
    """A page that is named, and what follows its name: a heading, codes of guarantees, or nothing ("")."""

    page: str
    place: str


def texts(root: Path = ROOT) -> dict[str, str]:
    """Text by path of everything that may refer to the law; of a notebook its cells' sources."""
    found = {}
    for place in PLACES:
        path = root / place
        for file in [path] if path.is_file() else sorted(path.rglob("*")):
            if file.suffix == ".ipynb":
                cells = json.loads(file.read_text(encoding="utf-8"))["cells"]
                found[str(file.relative_to(root))] = "\n\n".join("".join(cell["source"]) for cell in cells)
            elif file.suffix in (".py", ".md", ".js", ".j2"):
                found[str(file.relative_to(root))] = file.read_text(encoding="utf-8")
    return found


def references(text: str) -> list[Reference]:
    """All that a text names, in order; a reference may run on over the end of a line."""
    return [Reference(page, place) for page, place in REFERENCE.findall(FOLD.sub(" ", text))]


def headings(markdown: str) -> list[str]:
    """The headings of a page below its title; what stands in fenced blocks is none."""
    prose = re.sub(r"^```.*?^```", "", markdown, flags=re.MULTILINE | re.DOTALL)
    return re.findall(r"^##+ (.+?) *$", prose, flags=re.MULTILINE)


def guarantees(markdown: str) -> dict[str, str]:
    """The text of each guarantee by its code."""
    parts = re.split(r"^(?=- \*\*[A-Z]\d+\*\* |## )", markdown, flags=re.MULTILINE)
    return {code[1]: part for part in parts if (code := CODE.match(part))}


def faults(text: str, pages: dict[str, str]) -> list[str]:
    """References of a text that lead nowhere; `pages` by path."""
    return [
        f"{page}, {place}".rstrip(", ") for page, place in references(text) if not _leads(page, place, pages)
    ]


def _leads(page: str, place: str, pages: dict[str, str]) -> bool:
    if page not in pages:
        return False
    if not place or any(_begins(place, heading) for heading in headings(pages[page])):
        return True
    codes = CODES.match(place) if page == GUARANTEES_PAGE else None
    return codes is not None and _codes(codes[0]) <= guarantees(pages[page]).keys()


def _begins(place: str, heading: str) -> bool:
    return place.startswith(heading) and not place[len(heading) : len(heading) + 1].isalnum()


def _codes(text: str) -> set[str]:
    """The codes of "L1–L4, L6", whole ranges included."""
    found = set()
    for part in text.split(", "):
        first, _, last = part.partition("–")
        letter, numbers = first[0], range(int(first[1:]), int((last or first)[1:]) + 1)
        found |= {f"{letter}{number}" for number in numbers}
    return found


def unproven(markdown: str, root: Path = ROOT) -> list[str]:
    """Guarantees that neither name a test nor carry the mark, and tests named that there are not."""
    found = []
    for code, text in guarantees(markdown).items():
        proofs = PROOF.findall(text)
        if not proofs and not MARK.search(text):
            found.append(f"{code}: no test, no mark")
        found += [f"{code}: {path}::{name}" for path, name in proofs if not _is_test(root / path, name)]
        if text.count("`tests/") != len(proofs):
            found.append(f"{code}: a proof that cannot be read")
    return found


def _is_test(path: Path, name: str) -> bool:
    return (
        path.is_file()
        and re.search(rf"^ *(?:async )?def {name}\(", path.read_text(), re.MULTILINE) is not None
    )
