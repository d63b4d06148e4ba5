from __future__ import annotations

from lib.draw import html
from lib.draw.tables import show_facts


def test_a_long_line_of_text_is_not_cut():
    assert html.Text("<b>")._repr_html_() == '<pre style="white-space: pre-wrap">&lt;b&gt;</pre>'


def test_sentences_are_paragraphs_and_the_first_of_a_finding_is_large():
    told = html.Finding(["a < b.", "c."])
    assert repr(told) == "a < b.\nc."
    shown = told._repr_html_()
    assert shown.startswith('<div class="finding"><p style="font-size: 1.35em') and shown.endswith(
        ">a &lt; b.</p><p>c.</p></div>"
    )
    assert html.Sentences(["c."])._repr_html_() == "<p>c.</p>"


def test_what_is_folded_opens_by_its_name_and_stands_open_on_a_terminal():
    folded = show_facts({"a": "<b>"}, caption="All & more").folded()
    shown = folded._repr_html_()
    assert shown.startswith("<details><summary>All &amp; more</summary><table") and "&lt;b&gt;" in shown
    assert repr(folded).startswith("All & more\n") and "<caption" not in shown
