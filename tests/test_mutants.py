"""The page of mutants is what its answers and counts say, and an answer stays with its change."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scripts import write_mutants
from scripts.made_page import kept
from scripts.write_mutants import (
    COUNTS,
    PAGE,
    difference,
    page,
    plain,
    results_of,
    with_answers,
)

#: As mutmut writes it: every function beside its mutants, named by number.
MADE = """
class Box:
    @_mutmut_mutated(x)
    def put(self, n):
        pass

    def xǁBoxǁput__mutmut_orig(self, n):
        if n > 1:
            self.n = n
        return n

    def xǁBoxǁput__mutmut_1(self, n):
        if n >= 1:
            self.n = n
        return n

    def xǁBoxǁput__mutmut_2(self, n):
        if n > 1:
            self.n = None
        return n

async def x_lone__mutmut_orig():
    sync()

async def x_lone__mutmut_1():
    None

def x_least__mutmut_orig(n=1): return n

def x_least__mutmut_1(n=2): return n
"""
SOURCE = (
    "\n\nclass Box:\n    def put(self, n):\n        if n > 1:\n            self.n = n\n"
    "        return n\n\n\nasync def lone():\n    sync()\n\n\ndef least(n=1): return n\n"
)


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workplace with one file: where its results stand."""
    for folder, text in (("work/box/mutants/lib", MADE), ("lib", SOURCE)):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "box.py").write_text(text, encoding="utf-8")
    monkeypatch.setattr(write_mutants, "WORK", tmp_path / "work")
    monkeypatch.setattr(write_mutants, "ROOT", tmp_path)
    return tmp_path / "work/box/mutants/lib/box.py.meta"


def results(**codes: int | None) -> str:
    names = {
        "one": "lib.box.xǁBoxǁput__mutmut_1",
        "two": "lib.box.xǁBoxǁput__mutmut_2",
        "lone": "lib.box.x_lone__mutmut_1",
        "least": "lib.box.x_least__mutmut_1",
    }
    return json.dumps({"exit_code_by_key": {names[name]: code for name, code in codes.items()}})


def test_results_name_the_place_and_the_change(room: Path):
    room.write_text(results(one=0, two=1, lone=0), encoding="utf-8")
    found = results_of("box")
    assert [found[name] for name in COUNTS] == [3, 3, 1, 2, 0, 0]
    assert found["survivors"] == [
        {"where": "lib/box.py", "function": "Box.put", "line": 5, "was": "if n > 1:", "became": "if n >= 1:"},
        {"where": "lib/box.py", "function": "lone", "line": 11, "was": "sync()", "became": "None"},
    ]


def test_a_change_of_the_first_line_is_told_under_the_function_s_own_name(room: Path):
    room.write_text(results(least=0), encoding="utf-8")
    (found,) = results_of("box")["survivors"]
    assert (found["function"], found["line"]) == ("least", 14)
    assert (found["was"], found["became"]) == ("def least(n=1): return n", "def least(n=2): return n")


def test_what_was_not_tried_what_nobody_reached_and_what_took_too_long_are_told_apart(room: Path):
    room.write_text(results(one=None, two=36, lone=33), encoding="utf-8")
    found = results_of("box")
    assert [found[name] for name in COUNTS] == [3, 2, 0, 0, 1, 1]
    assert found["unreached_in"] == {"lib/box.py lone": 1}


def test_an_answer_stays_with_its_change_wherever_its_line_went(room: Path):
    room.write_text(results(one=0, two=0), encoding="utf-8")
    first = with_answers(results_of("box"), {})
    assert [found["answer"] for found in first["survivors"]] == ["", ""]
    first["survivors"][0] |= {"answer": "Nobody puts 1.", "line": 99}
    again = with_answers(results_of("box"), first)
    assert [(found["line"], found["answer"]) for found in again["survivors"]] == [
        (5, "Nobody puts 1."),
        (6, ""),
    ]


@pytest.mark.parametrize(
    ("mangled", "name"),
    [("xǁJournalǁappend__mutmut_12", "Journal.append"), ("x__sync_folder__mutmut_1", "_sync_folder")],
)
def test_a_function_goes_by_its_own_name(mangled: str, name: str):
    assert plain(mangled) == name


@pytest.mark.parametrize(
    ("was", "became", "told"),
    [
        ("if n > 1:", "if n >= 1:", ("", "=")),
        ("if a and b:", "if b:", ("a and", "")),
        ("f(x, key=1)", "f(x, )", ("key=1", "")),
        ("n[::-1]", "n[::-2]", ("1", "2")),
        ("aa", "a", ("aa", "a")),
        ("sync()", "None", ("sync()", "None")),
    ],
)
def test_a_change_is_told_in_whole_words(was: str, became: str, told: tuple[str, str]):
    assert difference(was, became) == told


def test_the_page_is_made_of_what_was_found_and_every_survivor_has_an_answer():
    found = kept(PAGE)
    assert PAGE.made() == page(found), "run: python -m scripts.write_mutants"
    for room, results_ in found.items():
        assert results_["survived"] == len(results_["survivors"])
        open_ones = [survivor for survivor in results_["survivors"] if not survivor["answer"]]
        assert open_ones == [], f"{room}: write the answers into {PAGE.found.name}"
