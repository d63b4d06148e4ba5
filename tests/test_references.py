"""The law in docs/ holds together: what is referred to is there, and each guarantee is proven or says that it is not."""

from __future__ import annotations

import pytest

from tests.references import GUARANTEES_PAGE, faults, guarantees, references, texts, unproven

TEXTS = texts()
PAGES = {path: text for path, text in TEXTS.items() if path.startswith("docs/")}
#: These speak of references that lead nowhere.
ABOUT = ("tests/references.py", "tests/test_references.py")


def test_every_reference_names_a_page_and_what_stands_on_it():
    found = {path: faults(text, PAGES) for path, text in TEXTS.items() if path not in ABOUT}
    assert {path: lost for path, lost in found.items() if lost} == {}


def test_code_and_tests_refer_to_the_law():
    named = [
        one for path, text in TEXTS.items() if path not in ABOUT for one in references(text) if one.place
    ]
    assert len([one for one in named if one.page == "docs/definitions.md"]) >= 30
    assert len([one for one in named if one.page == GUARANTEES_PAGE]) >= 40


def test_nobody_cites_a_document_that_is_not_here():
    old = [word + "," for word in ("DEFINITIONS", "GUARANTEES", "EVIDENCE_METHOD", "DESIGN")]
    words = [*old, *(word[:-1] + " " for word in old)]
    found = {
        path: word for path, text in TEXTS.items() for word in words if word in text and path not in ABOUT
    }
    assert found == {}


@pytest.mark.parametrize(
    ("text", "lost"),
    [
        ("(docs/definitions.md, Mony)", ["docs/definitions.md, Mony)"]),
        ("(docs/definitions.md, Moneys)", ["docs/definitions.md, Moneys)"]),
        ("docs/definition.md", ["docs/definition.md"]),
        ("(docs/guarantees.md, L1, L99)", ["docs/guarantees.md, L1, L99)"]),
        ("(docs/guarantees.md, L1–L99)", ["docs/guarantees.md, L1–L99)"]),
        (
            "#: (docs/definitions.md,\n    #: Standard\n    #: entries)",
            ["docs/definitions.md, Standard entries)"],
        ),
        (
            "(docs/definitions.md, Standard\nexits), (docs/guarantees.md, L1–L4, L6); docs/guarantees.md, Live loop.",
            [],
        ),
        ("docs/definitions.md, which is the law", []),
    ],
)
def test_a_reference_that_leads_nowhere_is_seen(text, lost):
    assert faults(text, PAGES) == lost


def test_every_guarantee_names_tests_that_there_are_or_carries_the_mark():
    assert len(guarantees(TEXTS[GUARANTEES_PAGE])) >= 29
    assert unproven(TEXTS[GUARANTEES_PAGE]) == []


def test_a_guarantee_without_proof_is_seen(tmp_path):
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_one.py").write_text("def test_it_is_so():\n    assert True\n")
    page = """# Guarantees

- **D1** Proven: `tests/test_one.py::test_it_is_so`.
- **D2** Nothing says so.
- **D3** *(not yet)* Nothing says so.
- **D4** Gone: `tests/test_one.py::test_it`, `tests/test_two.py::test_it_is_so`.
- **D5** Misspelt: `tests/test_one.py:test_it_is_so`, *(not yet: half of it)*.
"""
    assert unproven(page, tmp_path) == [
        "D2: no test, no mark",
        "D4: tests/test_one.py::test_it",
        "D4: tests/test_two.py::test_it_is_so",
        "D5: a proof that cannot be read",
    ]
