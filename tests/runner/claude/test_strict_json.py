"""JSON in which a key stands twice is told from all other JSON, and from what is none."""

from __future__ import annotations

import pytest

from runner.claude.strict_json import DuplicateKey, has_duplicate_key, parsed

DIGITS = "9" * 5_000  # more than Python makes a number of


@pytest.mark.parametrize(
    "text",
    [
        '{"a": 1, "a": 1}',
        '{"a": 1, "\\u0061": 2}',
        '{"b": [{"a": 1, "c": {}, "a": 2}]}',
        f'{{"n": {DIGITS}, "a": 1, "a": 2}}',
    ],
)
def test_twice(text):
    assert has_duplicate_key(text)
    with pytest.raises(DuplicateKey):
        parsed(text)


@pytest.mark.parametrize(
    "text", ['{"a": {"a": 1}}', '[{"a": 1}, {"a": 2}]', '{"a": 1, "A": 2}', "7", "", "{", "[" * 100_000]
)
def test_once_or_no_json(text):
    assert not has_duplicate_key(text)


def test_what_is_no_json_is_a_value_error():
    for text in ("", "{", "[" * 100_000):
        with pytest.raises(ValueError):
            parsed(text)


def test_numbers_stay_as_they_are_written():
    assert parsed(f'{{"n": {DIGITS}}}') == {"n": DIGITS}
    assert parsed('[7, 1.10, 1e999, "x"]') == ["7", "1.10", "1e999", "x"]
