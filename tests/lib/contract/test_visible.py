"""What cannot be seen is shown as its escape; all else stays as it is."""

from __future__ import annotations

import sys
import unicodedata

import pytest

from lib.contract.visible import visible


def test_nothing_unseen_is_left_of_any_character():
    unseen = [
        mark
        for mark in map(chr, range(sys.maxunicode + 1))
        if unicodedata.category(mark) in ("Cc", "Cf", "Cs", "Zl", "Zp")
    ]
    assert len(unseen) > 2_000
    assert visible("".join(unseen)).isascii()
    assert visible("".join(unseen), lines=True).replace("\n", "").replace("\t", "").isprintable()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x07", r"\x1b[31mred\x07"),
        ("\x9b2J\x7f", r"\x9b2J\x7f"),
        ("a\u202eb\u200b\ufeff", r"a\u202eb\u200b\ufeff"),
        ("a\n\tb", r"a\n\tb"),
        ("\udcff", r"\udcff"),
        ("Ünïcode − 30 % … «ok»\u00a0漢字", "Ünïcode − 30 % … «ok»\u00a0漢字"),
    ],
)
def test_a_line(text, shown):
    assert visible(text) == shown


def test_lines_keep_their_layout_and_nothing_else():
    assert visible("a\tb\r\nc\x0b", lines=True) == "a\tb\\r\nc\\x0b"
