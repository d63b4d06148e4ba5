"""Keys moved in a TOML text: values and comments come along, the rest stays as it was, and nothing is ever lost."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner import config_moved
from runner.config_moved import moved_keys
from runner.errors import ConfigError
from runner.upgrade.toml_keys import with_keys_moved

MOVED = {("a", "b", "x"): ("t", "x"), ("a", "b", "y"): ("t", "y"), ("a", "c", "z"): ("t", "z")}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("[a.b]\nx = 1  # one\nw = 2\n", "[a.b]\nw = 2\n\n[t]\nx = 1  # one\n"),
        ("[a.b]\nw = 2\n# why\n# it is so\nx = 1\n", "[a.b]\nw = 2\n\n[t]\n# why\n# it is so\nx = 1\n"),
        ("# mine\n[a.b] # all\nx = 1\n# end\n", "# mine\n\n[t]\n# all\n# end\nx = 1\n"),
        ("[t]\nv = 0x1f\n[a]\nk = 1\nb.x = 1\nb.w = 2", "[t]\nv = 0x1f\nx = 1\n[a]\nk = 1\nb.w = 2"),
        ("[a]\nb = { x = 1, w = 2 }\n", "[a]\nb = {  w = 2 }\n\n[t]\nx = 1\n"),
        ("[a.b]\ny = 1\n[m]\nn = 1\n[a.c]\nz = 3.50\n", "[m]\nn = 1\n\n[t]\ny = 1\nz = 3.50\n"),
        ("[a.b]\nx = 1\n[t]\nx = 1\n", "[t]\nx = 1\n"),
        ("[a.b]\r\nx = 1\r\nw = 2\r\n", "[a.b]\r\nw = 2\r\n\n[t]\nx = 1\r\n"),
    ],
)
def test_moved(before, after):
    assert with_keys_moved(before, MOVED) == after
    assert with_keys_moved(after, MOVED) == after and moved_keys(tomllib.loads(after), MOVED) == {}


def test_two_values_for_one_key_are_a_persons_to_decide():
    with pytest.raises(ConfigError, match=r"a\.b\.x is t\.x now, .* remove one") as caught:
        with_keys_moved("[a.b]\nx = 1977\n[t]\nx = 2\n", MOVED)
    assert "1977" not in str(caught.value)


def test_a_place_that_is_no_table_is_left_to_a_person():
    with pytest.raises(ConfigError, match=r"move a\.b\.x to t\.x by hand"):
        with_keys_moved("t = 5\n[a.b]\nx = 1\n", MOVED)


def test_a_text_that_comes_out_otherwise_is_not_written(monkeypatch):
    monkeypatch.setattr("runner.upgrade.toml_keys._edited", lambda text, found: "[t]\nx = 2\n")
    with pytest.raises(ConfigError, match=r"move a\.b\.x to t\.x by hand"):
        with_keys_moved("[a.b]\nx = 1\n", MOVED)


def lines(keys: list[str]) -> st.SearchStrategy[list[str]]:
    words = st.sampled_from(["# a word", "", *(f"{key} = {n}" for n, key in enumerate(keys))])
    unique = st.lists(words, max_size=6, unique_by=lambda line: line or object())
    return unique.map(lambda found: [*found, "kept = 1"] if any(" = " in line for line in found) else found)


@given(st.permutations(["a.b", "a.c", "m", "t", "a"]), st.data())
def test_whatever_order_tables_and_comments_come_in(tables, data):
    keys = {"a.b": ["x", "y", "w"], "a.c": ["z", "v"], "m": ["n"], "t": ["u"], "a": ["k"]}
    text = "\n".join(
        line for table in tables for line in (f"[{table}]", *data.draw(lines(keys[table]), label=table))
    )
    before, after = tomllib.loads(text), with_keys_moved(text, MOVED)
    assert after.count("# a word") == text.count("# a word")
    assert moved_keys(tomllib.loads(after), MOVED) == {}
    assert sum(map(len, leaves(tomllib.loads(after)))) == sum(map(len, leaves(before)))


def leaves(values: object) -> list[list[object]]:
    if isinstance(values, dict):
        return [found for part in values.values() for found in leaves(part)]
    return [[values]]


def test_moved_keys_lead_to_one_place_each():
    assert len(set(config_moved.MOVED.values())) == len(config_moved.MOVED)
    assert not set(config_moved.MOVED) & set(config_moved.MOVED.values())
