"""What the original document shows must work: its two CSV examples and its Python blocks ("How to access the data")."""

from __future__ import annotations

import json
import shutil

import pandas as pd
import pytest

from lib.data.decisions import load_decisions
from lib.data.loaders import load_samples
from lib.market.costs import DEFAULT_COSTS, price_trades

SAMPLES = """\
timestamp,price,state,MMA1,MMA2,MMA3,MMA12
2025-10-19T14:35:10,3875.25,all_green,3876.5,3877.2,3878.1,3880.0
2025-10-19T14:35:20,3875.80,all_green,3876.6,3877.3,3878.2,3880.1
"""
DECISIONS = """\
timestamp,direction,entry_recommended,confidence,entry_price,executed,reasoning,exit_price,exit_reason,pnl_pct
2025-10-19T14:35:22,LONG,YES,0.87,3875.25,True,"Wick down 0.45% + ALL_GREEN",3881.50,TP_HIT,+0.16
2025-10-19T15:12:45,SHORT,YES,0.82,3890.10,True,"ALL_RED momentum",3892.30,SL_HIT,-0.06
"""
#: The document's blocks; only the import lines differ.
BLOCKS = {
    "actual": """
from lib import ActualTradeLearner
learner = ActualTradeLearner()
trades = learner.load_actual_trades()
insights = learner.analyze_trades(trades)
print(insights)
""",
    "optimal": """
from lib import OptimalVsActualAnalyzer
analyzer = OptimalVsActualAnalyzer()
comparison = analyzer.run_complete_analysis()
print(f"You left ${comparison['missed_pnl']:.2f} on the table!")
""",
    "history": """
from lib import TrainingHistory
history = TrainingHistory()
report = history.generate_report()
print(report)
""",
}


def test_the_sample_example_loads(tmp_path):
    (tmp_path / "ema_data_5min.csv").write_text(SAMPLES)
    frame, counts = load_samples(tmp_path, "5min", None, pd.Timestamp("2025-10-19T16:00Z"), zone="UTC")
    assert (counts.rows_in, counts.ok) == (2, 2)
    assert frame["price"].tolist() == [3875.25, 3875.80] and frame["state"].tolist() == ["all_green"] * 2
    assert [name for name in frame if name.startswith("MMA")] == ["MMA1", "MMA2", "MMA3", "MMA12"]


def test_the_decision_example_loads_and_a_rising_short_loses(tmp_path):
    (tmp_path / "claude_decisions.csv").write_text(DECISIONS)
    frame, counts = load_decisions(tmp_path, None, pd.Timestamp("2025-10-19T18:00Z"), zone="UTC")
    assert (counts.rows_in, counts.ok) == (2, 2) and frame["executed"].all()
    priced = price_trades(
        frame.assign(entry_time=frame["timestamp"], exit_time=frame["timestamp"]), DEFAULT_COSTS.fees_pct
    )
    # LONG (3881.50 − 3875.25) / 3875.25 = 0.1613 %; SHORT (3890.10 − 3892.30) / 3890.10 = −0.0566 %; fees 0.09 %.
    assert priced["gross_pct"].round(4).tolist() == [0.1613, -0.0566]
    assert priced["net_pct"].round(4).tolist() == [0.0713, -0.1466]
    assert priced["win"].tolist() == [True, False]


@pytest.mark.parametrize("name", BLOCKS)
def test_the_document_s_python_runs(name, sample_data, monkeypatch, capsys):
    monkeypatch.setenv("RIBBON_TRADING_DATA", str(sample_data))
    exec(compile(BLOCKS[name], name, "exec"), {})
    shown = capsys.readouterr().out
    assert {"actual": "'total_trades': ", "optimal": "You left $", "history": "No cycle"}[name] in shown


def test_the_other_names_answer_with_the_keys_of_the_document(sample_data):
    from lib import SmartTradeFinder, UltimateBacktestAnalyzer, get_training_prompt_addition

    backtest = SmartTradeFinder(sample_data).run_complete_analysis()
    assert {"TP_HIT", "SL_HIT", "TIME_EXIT"} <= set(backtest["exit_reasons"])
    assert backtest["total_pnl"] == backtest["total_pnl_dollars"]
    assert {"WICK_DOWN_LONG", "WICK_UP_SHORT"} <= set(
        UltimateBacktestAnalyzer(sample_data).run_complete_analysis()["wick_performance"]
    )
    assert get_training_prompt_addition(sample_data) == ""
    json.dumps(backtest, allow_nan=False)


def test_the_published_prompt_is_what_the_function_returns(sample_data, tmp_path):
    from lib import get_training_prompt_addition
    from lib.prompt.addition import compose_prompt
    from lib.published.cycle import cycle_results, publish_cycle
    from lib.published.insights import compile_insights

    folder = tmp_path / "data"
    shutil.copytree(sample_data, folder)
    results, as_of = cycle_results("", folder)
    insights = compile_insights(results, None, as_of)
    told = publish_cycle(insights, compose_prompt(insights), "", folder)
    assert get_training_prompt_addition(folder) == "" and told["live loop"].startswith("not told")
    publish_cycle(insights, compose_prompt(insights), "", folder, publish=True)
    assert get_training_prompt_addition(folder) == compose_prompt(insights)
    (folder / "prompt_addition.md").write_text("something else\n")
    assert get_training_prompt_addition(folder) == compose_prompt(insights)  # the one that is kept
    shutil.rmtree(folder / "prompts")
    assert get_training_prompt_addition(folder) == ""
