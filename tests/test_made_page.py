"""A page with one made part: only that part changes, what a bench found is taken in whole, and figures are told in words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scripts import made_page
from scripts.made_page import MadePage, count, figures_of, keep, kept, number, share

BEGIN, END = "<!-- made by scripts/write_it.py -->\n", "<!-- end -->\n"


@pytest.fixture
def page(tmp_path: Path) -> MadePage:
    path = tmp_path / "it.md"
    path.write_text(f"# Prose\n{BEGIN}| old |\n{END}More.\n", encoding="utf-8")
    return MadePage(path, "write_it")


def test_only_the_made_part_changes(page: MadePage):
    assert page.made() == "| old |\n"
    assert page.write("| new |\n") and not page.write("| new |\n")
    assert page.path.read_text(encoding="utf-8") == f"# Prose\n{BEGIN}| new |\n{END}More.\n"


@pytest.mark.parametrize("gone", [BEGIN, END])
def test_a_page_without_a_place_for_it_is_left_alone_and_said(page: MadePage, gone: str):
    text = page.path.read_text(encoding="utf-8").replace(gone, "")
    page.path.write_text(text, encoding="utf-8")
    with pytest.raises(SystemExit, match=rf"it\.md: no line `{gone.strip()}`"):
        page.write("| new |\n")
    assert page.path.read_text(encoding="utf-8") == text


def test_figures_are_of_the_file_given_else_of_the_output_else_of_what_is_kept(
    page: MadePage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(made_page, "OUTPUTS", tmp_path)

    def figures(number: int, name: str) -> dict[str, float]:
        found = {"part": number, "scale": 1.0}
        (tmp_path / name).write_text(json.dumps(found), encoding="utf-8")
        return found

    def taken(*given: str) -> dict[str, float]:
        found = figures_of(page, "bench.json", ["part"], "bench-it", *given)
        assert kept(page) == found
        return found

    assert kept(page) == {}
    given = figures(1, "given.json")
    assert taken(str(tmp_path / "given.json")) == given == taken()
    output = figures(2, "bench.json")
    assert taken() == output
    keep(page, given)
    (tmp_path / "bench.json").unlink()
    assert taken() == given


@pytest.mark.parametrize("found", [{"scale": 1.0}, {"part": 1, "scale": 0.02}])
def test_of_a_bench_that_is_not_done_nothing_is_taken(page: MadePage, tmp_path: Path, found: dict):
    source = tmp_path / "given.json"
    source.write_text(json.dumps(found), encoding="utf-8")
    with pytest.raises(SystemExit, match=r"given\.json: the bench is not done; run `make bench-it`"):
        figures_of(page, "bench.json", ["part"], "bench-it", str(source))
    assert kept(page) == {}


def test_figures_in_words():
    assert (
        share({"share": 0.0125, "interval": [0.004, 0.03]}) == "1.2 % (0.4 to 3.0 %)" and share(None) == "–"
    )
    assert count({"value": 1234.4, "interval": [900.0, None]}) == "1,234 (900 to never)"
    assert (number(1.416, 2), number(None, 2), number(0.0)) == ("1.42", "never", "0")
