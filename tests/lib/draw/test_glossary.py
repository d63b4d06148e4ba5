"""The glossary agrees with the law: each entry names a heading of docs and a term that stands under it; and finds what a text uses."""

from __future__ import annotations

import re

import pytest

from lib.draw.glossary import WORDS, listed, words_in
from lib.paths import repository_root

DOCS = repository_root() / "docs"


def section(file: str, heading: str) -> str:
    """What stands under a heading of a page of docs, up to the next one as high."""
    found = re.search(
        rf"^(#+) {re.escape(heading)}\n(.*?)(?=^#{{1,2}} |\Z)", (DOCS / file).read_text(), re.M | re.S
    )
    assert found, f"{file} has no heading {heading!r}"
    return " ".join(found[2].split())


@pytest.mark.parametrize("word", WORDS, ids=lambda word: word.name)
def test_each_word_stands_in_the_law(word):
    file, heading, term = word.law
    assert term.lower() in section(file, heading).lower()
    assert word.meaning and not word.meaning.endswith(".") and word.marks


def test_names_and_marks_are_each_of_one_word():
    marks = [mark for word in WORDS for mark in word.marks]
    assert len(set(marks)) == len(marks) and len({word.name for word in WORDS}) == len(WORDS)
    assert all(mark == mark.lower() and "_" not in mark for mark in marks)


def names(text: str) -> list[str]:
    return [word.name for word in words_in(text)]


def test_only_words_that_a_text_uses_in_the_order_of_the_glossary():
    assert names("Nothing of it.") == []
    assert names("Two episodes. LONG_BOTH_GREEN answers; RANGING_QUIET, all_green.") == [
        "all green",
        "answer",
        "episode",
        "ranging quiet",
    ]
    assert names("The entry rule broke even; an answering machine.") == ["entry rule", "break-even"]
    assert names("of 25 pairs of target and stop") == [] and names("n 438 pairs, more") == ["pair"]
    assert names("proven") == names("Unproven.") == ["proven"]


def test_figures_of_the_code_are_those_of_the_law():
    meanings = {word.name: word.meaning for word in WORDS}
    assert "0.3 to 0.8 %" in meanings["wick"] and "0.3–0.8 %" in section("definitions.md", "Wicks")
    assert "1.6\u00a0%" in meanings["ranging quiet"] and "1.6 %" in section("definitions.md", "Regime")
    assert "an edge of 0.05 %" in meanings and "0.05 %" in section("evidence-method.md", "The fixed number")


def test_the_first_names_and_how_many_more():
    assert listed(WORDS[:2]) == "ribbon, all green"
    assert listed(WORDS[:6], 3) == "ribbon, all green, answer and 3 more"
