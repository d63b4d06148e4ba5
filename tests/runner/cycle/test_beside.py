"""What a report says of other notebooks' figures is set into its finding, escaped, and left out where a result is missing."""

from __future__ import annotations

import json
import re

import pytest

from lib.draw.all_days import PROVEN
from lib.draw.html import STEP, Finding
from runner.cycle.beside import Beside, sentences_beside, with_sentences
from runner.cycle.inputs import Inputs
from runner.cycle.manifest import new_manifest
from runner.cycle.plan import NOTEBOOKS
from runner.cycle.run_files import results_of
from tests.lib.contract import made
from tests.lib.lessons.made_lessons import candidate, lesson

RULES = (("LONG_MIXED", 10, 0.0), ("SHORT_MIXED", 20, -0.1), ("SHORT_MIXED", 10, -0.1))
LONG = lesson("answers.setup.LONG_BOTH_GREEN.above")


@pytest.fixture
def manifest():
    source = {"label": "x", "synthetic": False, "decisions": "live", "coin": "ETH"}
    inputs = Inputs("2025-06-15T11:00:00Z", "2025-06-14T11:00:00Z", 24.0, source, {})
    return new_manifest("20250615T110500Z", "2025-06-15T11:05:00Z", inputs, NOTEBOOKS, {})


def test_each_report_gets_its_sentence_and_none_where_results_are_missing(manifest, tmp_path):
    none = sentences_beside(results_of(tmp_path), manifest, [])
    insights = none.pop("05_compile_insights")
    assert set(none.values()) == {Beside()}
    assert insights == Beside(
        "What was traded is not known. What changed in what Claude is told was not recorded."
    )
    manifest.headline = {
        "by_lessons": {
            "lessons": 1,
            "others": 0,
            "fit": {"trades": 9, "pnl": 1.0},
            "rest": {"trades": 9, "pnl": -1.0},
            "of a later version": 1,
        }
    }
    (tmp_path / "results").mkdir()
    results = {
        "actual_trades": made.actual(),
        "smart_backtest": made.backtest(),
        "regime_and_wicks": made.regime(),
    }
    for name, result in results.items():
        (tmp_path / "results" / f"{name}.json").write_text(json.dumps({"result": result}))
    found = sentences_beside(results_of(tmp_path), manifest, [LONG])
    assert found["01_actual_trades"].sure.startswith("The 9 trades that fit the lesson to act on made $1.00;")
    assert found["01_actual_trades"].second.startswith(
        "Proven over all days of what the trader chose: LONG (both "
    )
    assert found["02_optimal_vs_actual"].second == (
        "Proven over all days of setups that the trader chose: LONG (both ribbons green) answers gain after costs (n 180), told to "
        "Claude; of setups taken every time: nothing."
    )
    rule = found["03_smart_backtest"]
    assert rule.then.startswith("You ") and "than the rule" in rule.then
    assert rule.second == "Proven over all days of the entry rule: nothing."
    assert found["04_regime_and_wicks"] == Beside(
        first="No regime is proven to be a reason to trade, or not to."
    )
    for name in ("actual_trades", "regime_and_wicks"):
        (tmp_path / "results" / f"{name}.json").write_text("{torn")
    torn = sentences_beside(results_of(tmp_path), manifest, [LONG])
    assert torn["03_smart_backtest"].then == "" and "04_regime_and_wicks" not in torn


def test_a_first_line_of_all_days_is_the_headline_and_the_notebook_s_own_follows_it():
    body = f"<p>x</p>{Finding(['First.', 'Second.'])._repr_html_()}<div>rest</div>"
    found = with_sentences(body, Beside(first="A < B."))
    assert re.search(
        r'<div class="finding[^>]*><p style="[^"]+">A &lt; B.</p><p>First.</p><p>Second.</p></div>', found
    )
    assert with_sentences("<p>x</p>", Beside(first="A.")) == "<p>x</p>"


def test_hindsight_says_the_chosen_and_every_signal_and_regimes_begin_with_what_follows(manifest, tmp_path):
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "regime_and_wicks.json").write_text(json.dumps({"result": made.regime()}))
    assert sentences_beside(results_of(tmp_path), manifest, [])["04_regime_and_wicks"].first == ""
    every = candidate("setups.setup.LONG_BOTH_GREEN.above", episodes=84)
    found = sentences_beside(results_of(tmp_path), manifest, [LONG, every])
    assert found["02_optimal_vs_actual"] == Beside(
        "Proven over all days: LONG (both ribbons green) answers gain after costs as the trader chose them (n 180); taken at every signal "
        "no gain is proven (n 84)."
    )
    assert found["04_regime_and_wicks"].first == "No regime is proven to be a reason to trade, or not to."
    rule = [candidate(f"rule.setup.{name}.above", n=n, trade_mean_pct=mean) for name, n, mean in RULES]
    found = sentences_beside(results_of(tmp_path), manifest, rule)
    assert found["03_smart_backtest"].second == (
        "Proven over all days of the entry rule: nothing. Its 40 trades made −0.075 % each on average, after costs; whether it loses is "
        "not asked, as costs alone make nearly all lose."
    )


def test_sentences_stand_in_the_finding_below_its_first_line_before_the_step_and_folded():
    body = f"<p>x</p>{Finding(['First.', 'More.', f'{STEP}wait.', 'Third.'], ['n 4.'])._repr_html_()}<div>rest</div>"
    found = with_sentences(body, Beside("P < Q.", "A < B.", "S < T."))
    assert 'First.</p><p>P &lt; Q.</p><p>More.</p><p>A &lt; B.</p><p class="step">' in found
    assert "<p>n\u00a04.</p><p>S &lt; T.</p></details></div><div>rest</div>" in found
    alone = with_sentences(Finding(["First."])._repr_html_(), Beside("Proven.", "Then.", "Sure."))
    assert alone.endswith(
        "First.</p><p>Proven.</p><p>Then.</p><details><summary>How sure is that?</summary><p>Sure.</p></details></div>"
    )
    folded = with_sentences(Finding(["First."], ["n 4."])._repr_html_(), Beside(then="Then."))
    assert "First.</p><p>Then.</p><details>" in folded
    assert with_sentences(body, Beside()) == body
    assert "<p><strong>Proven over all days</strong> X.</p>" in with_sentences(body, Beside(f"{PROVEN} X."))
    assert with_sentences("<p>x</p>", Beside("P.", "Then.")) == "<p>x</p>"
