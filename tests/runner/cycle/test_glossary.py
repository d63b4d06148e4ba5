"""Under a page's finding stand the words that the page uses, and no others."""

from __future__ import annotations

import re

from bs4 import BeautifulSoup

from runner.cycle.glossary import with_words

PAGE = (
    '<nav>Regime and wicks</nav><main><div class="sheet"><div class="finding x"><p>First.</p><div>n 9 pairs</div>'
    "</div><p>{text}</p></div></main>"
)


def explained(page: str) -> list[str]:
    return [found.get_text() for found in BeautifulSoup(page, "html.parser").select(".words b")]


def test_the_fold_ends_the_finding_and_has_the_words_of_the_page():
    page = with_words(PAGE.format(text="An episode &amp; its wick."))
    assert explained(page) == ["episode", "pair", "wick"]
    soup = BeautifulSoup(page, "html.parser")
    assert soup.select_one(".finding > details.words:last-child") is not None
    assert soup.summary.get_text() == "Words on this page: episode, pair, wick"
    assert soup.find(string="First.").find_next("details") is soup.details


def test_what_is_no_sentence_has_no_words():
    for text in (
        "<script>episode</script>",
        "<code>ribbon setup</code>",
        '<b title="episode">x</b>',
        "<pre>ep</pre>",
    ):
        assert explained(with_words(PAGE.format(text=text))) == ["pair"]


def test_a_page_without_a_finding_or_such_a_word_is_as_it_was():
    for page in (
        "<main><p>An episode.</p></main>",
        '<div class="finding"><p>An episode.</p></div>',
        '<main><div class="finding"><p>x</p></div></main>',
        '<main><div class="finding"><p>An episode.',
    ):
        assert with_words(page) == page


def test_a_meaning_is_escaped_and_said_once():
    page = with_words(PAGE.format(text="episode episode"))
    assert len(re.findall("they count once", page)) == 1
