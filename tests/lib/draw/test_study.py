"""Heat maps of a study: which two things are its sides, what a cell shows, and what it says to whoever does not see it."""

from __future__ import annotations

from lib.draw.study import draw_heat, heat_height, heats
from lib.draw.style import new_axes
from lib.questions.study import Cell


def cells(questions: int = 2, markets: int = 2, terms: int = 1, trades: int = 30) -> list[Cell]:
    return [
        Cell(
            question=f"q{q}",
            market=f"M{m}",
            terms=f"t{t}",
            period="all",
            job=f"{q}{m}{t}",
            state="answered",
            trades=trades if (q, m) != (0, 0) else 2,
            net_mean_pct=0.1 * (q - m) + 0.01,
        )
        for t in range(terms)
        for m in range(markets)
        for q in range(questions)
    ]


def test_a_map_a_value_of_what_is_on_no_side():
    assert heats(cells(1, 1)) == [] and heats(cells(1, 3)) == []
    (heat,) = heats(cells())
    assert (heat.down, heat.across, heat.fixed, len(heat.cells)) == ("question", "market", "", 4)
    assert [(each.fixed, len(each.cells)) for each in heats(cells(terms=2))] == [("t0", 4), ("t1", 4)]
    (heat,) = heats(cells(1, 2, 2))
    assert (heat.down, heat.across) == ("market", "terms")


def test_a_cell_shows_its_mean_with_its_n_and_a_dash_where_it_has_too_few():
    (heat,) = heats(cells())
    ax = draw_heat(new_axes(height=heat_height(heat)), heat)
    texts = {text.get_text() for text in ax.texts}
    assert texts == {"–\nn 2", "+0.110\nn 30", "−0.090\nn 30", "+0.010\nn 30"}
    assert (
        ax.figure.finding
        == "Net mean an episode, question by market: above zero in 2 of 3 cells that say something."
    )
    assert ax.figure.png()[:4] == b"\x89PNG"


def test_many_columns_stand_downwards_and_where_both_are_many_a_bar_tells_the_colours():
    (heat,) = heats(cells(3, 9))
    assert (heat.down, heat.across) == ("market", "question")
    (heat,) = heats(cells(9, 9))
    ax = draw_heat(new_axes(height=heat_height(heat)), heat)
    assert [text.get_text() for text in ax.texts] == [] and ax.child_axes[
        0
    ].get_ylabel() == "net mean an episode (%)"


def test_long_names_keep_both_ends_and_every_other_stands_lower():
    named = [
        cell.model_copy(update={"market": f"A_VERY_LONG_MARKETS_NAME_THAT_ENDS_IN_{cell.market}"})
        for cell in cells(2, 4)
    ]
    (heat,) = heats(named)
    names = [tick.get_text() for tick in draw_heat(new_axes(), heat).get_xticklabels()]
    assert [name.startswith("\n") for name in names] == [False, True, False, True]
    assert all(
        name.strip().startswith("A_VERY_LO") and name.endswith(f"M{at}") for at, name in enumerate(names)
    )


def test_without_a_cell_that_says_something_it_says_so():
    (heat,) = heats(cells(trades=1))
    ax = draw_heat(new_axes(), heat)
    assert "no cell has 5 trades" in {text.get_text() for text in ax.texts}
