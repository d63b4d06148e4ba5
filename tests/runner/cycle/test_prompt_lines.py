from __future__ import annotations

from lib.market.terms import DEFAULT_TERMS
from lib.prompt.difference import text_change
from runner.cycle.prompt_lines import new_lines, prompt_blocks, rules_blocks


def test_prompt_lines_keep_their_ends():
    text = "# NOTES\n\n## PART\nOne line.\nAnother.\n- a\n- b\nThen:\n"
    assert prompt_blocks(text) == [
        ("h2", ["NOTES"]),
        ("h3", ["PART"]),
        ("text", ["One line.", "Another."]),
        ("list", ["a", "b"]),
        ("text", ["Then:"]),
    ]


def test_the_rules_have_a_line_a_paragraph_and_a_point():
    blocks = rules_blocks(DEFAULT_TERMS)
    assert [kind for kind, _ in blocks].count("h2") == 6
    lines = [line for _, found in blocks for line in found]
    assert sum(line.startswith(("1. ", "8. ")) for line in lines) == 2
    assert any("So 57.8 percent of trades must win" in line for line in lines)
    assert not any("  " in line for line in lines)


def test_new_are_lines_with_other_words():
    old, new = "# N\n\n## A\n- gone\n- x: n=1\n", "# N\n\n## A\n- came\n- x: n=2\n"
    assert new_lines(text_change("f" * 64, old, new).model_dump(mode="json")) == {"came"}
    for change in (text_change("", None, new), text_change("f" * 64, None, new)):
        assert new_lines(change.model_dump(mode="json")) == set()
    assert new_lines({}) == new_lines(None) == set()
