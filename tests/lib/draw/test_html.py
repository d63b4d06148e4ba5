from __future__ import annotations

from lib.draw import html
from lib.draw.tables import show_facts


def test_a_long_line_of_text_is_not_cut():
    assert html.Text("<b>")._repr_html_() == '<pre style="white-space: pre-wrap">&lt;b&gt;</pre>'


def test_sentences_are_paragraphs_and_the_first_of_a_finding_is_large():
    told = html.Finding(["a < b.", "c."])
    assert repr(told) == "a < b.\nc."
    shown = told._repr_html_()
    assert shown.startswith(
        '<div class="finding mathjax_ignore tex2jax_ignore"><p style="font-size: 1.35em'
    ) and shown.endswith(">a &lt; b.</p><p>c.</p></div>")
    assert "<p>c.</p>" in html.Sentences(["c."])._repr_html_()


def test_how_sure_a_finding_is_stands_folded_at_its_end():
    told = html.Finding(["a."], ["n 4 < 5."])
    assert repr(told) == "a.\nHow sure is that?\nn 4 < 5."
    folded = "<details><summary>How sure is that?</summary><p>n\u00a04 &lt; 5.</p></details></div>"
    assert told._repr_html_().endswith(folded)


def test_what_is_folded_opens_by_its_name_and_stands_open_on_a_terminal():
    folded = show_facts({"a": "<b>"}, caption="All & more").folded()
    shown = folded._repr_html_()
    assert "<summary>All &amp; more</summary><table" in shown and "&lt;b&gt;" in shown
    assert repr(folded).startswith("All & more\n") and "<caption" not in shown


def test_two_amounts_of_dollars_are_no_formula():
    """JupyterLab looks for formulas between dollar signs, but not in what has this class."""
    facts = show_facts({"net": "$1.00, gross $2.00"}, caption="$")
    for shown in (
        html.Finding(["$1 of $2"]),
        html.Sentences(["$1 of $2"]),
        facts,
        facts.folded(),
        show_facts({}),
    ):
        assert shown._repr_html_().split(">")[0].count("mathjax_ignore") == 1


def test_what_stands_between_backticks_is_code_and_no_markup():
    shown = html.Sentences(["`ribbon <b>` and `ribbon x` begins"])._repr_html_()
    assert "<code>ribbon x</code>" in shown and "<b>" not in shown
