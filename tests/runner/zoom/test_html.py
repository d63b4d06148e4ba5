from __future__ import annotations

import json
import re
from importlib.machinery import ModuleSpec

import pytest

from lib.contract.price_block import PriceBlock
from runner.zoom import scripts as made
from runner.zoom.html import MOST_BYTES, block_html, block_of, head, zoomable
from runner.zoom.scripts import leave_scripts, scripts

BLOCK = PriceBlock(start=0, first=0, last=60)


def test_the_block_is_data_beside_its_picture():
    found = zoomable("<img>", BLOCK)
    assert found.startswith(
        '<div class="zoomable"><div class="still"><img></div><script type="application/json">'
    )
    (text,) = re.findall(r"<script[^>]*>(.*)</script>", found)
    assert PriceBlock.model_validate_json(text) == BLOCK
    assert zoomable("<img>", None) == "<img>"


def test_no_text_can_end_the_element_that_it_stands_in():
    hostile = BLOCK.model_copy(update={"bands": ["</script><script>x</script>&"]})
    with pytest.warns(UserWarning, match="Pydantic serializer"):
        text = block_html(hostile)
    assert text.count("<") == 2 and "&" not in text


@pytest.mark.parametrize(
    "kept",
    [None, 7, {}, {"start": 0}, "x" * (MOST_BYTES + 1), BLOCK.model_dump() | {"more": 1}, {"start": float("nan"), "first": 0, "last": 0}],
)  # fmt: skip
def test_what_a_notebook_kept_is_checked(kept):
    assert block_of(kept) is None


def test_words_that_are_none_of_ours_are_refused():
    trade = {"direction": "LONG", "entry_at": 0, "entry": 1.0}
    fine = BLOCK.model_dump() | {"trades": [trade | {"how": "target hit"}]}
    assert block_of(json.loads(json.dumps(fine))).trades[0].how == "target hit"
    assert block_of(BLOCK.model_dump() | {"trades": [trade | {"how": "<b>"}]}) is None


def test_our_script_comes_first_and_all_have_the_nonce():
    found = re.findall(r'src="/static/([^"]+)" nonce="n"', head("/static/", "n"))
    assert found == list(scripts()) and [name.split("-")[0] for name in found] == ["zoom", "bokeh", "bokeh"]
    assert "nonce" not in head("x/")


def test_scripts_are_left_once_and_mended(tmp_path):
    assert leave_scripts(tmp_path)
    files = sorted((tmp_path / "assets").iterdir())
    assert {path.name for path in files} == set(scripts())
    for path in files:
        assert path.read_bytes() == scripts()[path.name].read_bytes()
    before = [path.stat().st_mtime_ns for path in files]
    files[0].write_text("half")
    assert leave_scripts(tmp_path)
    after = [path.stat().st_mtime_ns for path in files]
    assert after[1:] == before[1:] and files[0].read_bytes() == scripts()[files[0].name].read_bytes()


def test_without_the_package_a_page_has_no_scripts(tmp_path, monkeypatch):
    monkeypatch.setattr(made, "scripts", dict)
    assert not leave_scripts(tmp_path)
    scripts.cache_clear()
    monkeypatch.setattr(made, "find_spec", lambda name: ModuleSpec(name, None))
    assert scripts() == {}
    scripts.cache_clear()


def test_a_folder_that_takes_nothing_is_said(tmp_path):
    (tmp_path / "assets").write_text("a file")
    assert not leave_scripts(tmp_path)
