"""The names that data travels under: files, columns and enumerated words (docs/data-contracts.md).

Every word that may reach the prompt stands in one of the enumerations here; whatever else a file holds is
outside text.
"""

from __future__ import annotations

from typing import Literal

Direction = Literal["LONG", "SHORT"]

#: Candle length of each timeframe, in minutes.
MINUTES: dict[str, int] = {"1min": 1, "5min": 5, "15min": 15}
RIBBON_TIMEFRAMES = ("5min", "15min")

SAMPLE_FILES = {name: f"ema_data_{name}.csv" for name in RIBBON_TIMEFRAMES}
CANDLE_FILES = {name: f"candlesticks_{name}.csv" for name in MINUTES}
DECISIONS_FILE = "claude_decisions.csv"
#: All that the loaders read.
MARKET_FILES = (*SAMPLE_FILES.values(), *CANDLE_FILES.values(), DECISIONS_FILE)
INSIGHTS_FILE = "training_insights.json"
SUMMARY_FILE = "summary.json"  #: of a replay, at its end
PROMPT_FILE = "prompt_addition.md"
HISTORY_FILE = "training_history.jsonl"

SAMPLE_COLUMNS = ("timestamp", "price", "state")  #: then MMA<n>, MMA<n>_color and those below
SAMPLE_EXTRA_COLUMNS = ("quality", "classifier", "symbol", "seq", "source")
CANDLE_COLUMNS = ("timestamp", "open", "high", "low", "close", "volume")
#: Where a candle or a sample is from, a further column that files may lack: "chart", "backfill", or the exchange by its name.
SOURCE_COLUMN = "source"
CHART_SOURCE = "chart"
BACKFILL_SOURCE = "backfill"
DECISION_LEADING_COLUMNS = (
    "timestamp",
    "direction",
    "entry_recommended",
    "confidence",
    "entry_price",
    "executed",
    "reasoning",
    "exit_price",
    "exit_reason",
    "pnl_pct",
)
_DECISION_EXTRA_COLUMNS = (
    "decision_id",
    "entry_time",
    "exit_time",
    "stop_price",
    "target_price",
    "size",
    "fees",
    "net_pnl_pct",
    "state_5min",
    "state_15min",
    "wick",
    "regime",
    "model",
    "prompt_sha",
    "model_cost_usd",
    "reason_code",
    "stop_pct",
    "target_pct",
    "holding",
    "asked_because",
    "request_sha",
    "first_model",
    "first_answer",
    "first_confidence",
    "first_cost_usd",
    "first_request_sha",
)
DECISION_COLUMNS = DECISION_LEADING_COLUMNS + _DECISION_EXTRA_COLUMNS
#: Columns that came after the first version, whose files lack them: a new one goes behind the others and into here by itself.
#: Whoever opens a decisions file for writing adds it; a samples file goes on without.
LATER_DECISION_COLUMNS = DECISION_COLUMNS[26:]
LATER_SAMPLE_COLUMNS = SAMPLE_EXTRA_COLUMNS[4:]
DECISION_TIMES = ("timestamp", "entry_time", "exit_time")
DECISION_NUMBERS = (
    "confidence",
    "entry_price",
    "exit_price",
    "pnl_pct",
    "stop_price",
    "target_price",
    "size",
    "fees",
    "net_pnl_pct",
    "model_cost_usd",
    "stop_pct",
    "target_pct",
    "first_confidence",
    "first_cost_usd",
)
#: What `entry_recommended` says where an entry is.
RECOMMENDED = ("YES", "TRUE", "1")
#: Whether a position was held when a decision was asked for; blank in rows of before the column.
HOLDING = ("YES", "NO")
#: Decision fields known only once the entry is filled, and only once the exit has happened.
FILL_COLUMNS = ("entry_price", "entry_time", "stop_price", "target_price", "size", "fees")
EXIT_COLUMNS = ("exit_price", "exit_reason", "pnl_pct", "exit_time", "net_pnl_pct")

#: Columns of a trades frame: one closed trade of any origin a row, ordered by entry_time.
TRADE_COLUMNS = (
    "direction",
    "entry_time",
    "entry_price",
    "exit_time",
    "exit_price",
    "exit_reason",
    "hold_minutes",
    "gross_pct",
    "net_pct",
    "gross_usd",
    "net_usd",
    "gross_account",
    "net_account",
    "win",
    "signature",
    "trigger",
    "alignment",
    "state_5min",
    "state_15min",
    "regime",
    "confidence",
    "stop_pct",  #: distance of its own stop, percent of the entry price; NaN where it is the standard one
    "ambiguous",
    "episode",
)

STATES = ("all_green", "mixed_green", "mixed", "mixed_red", "all_red", "unknown")
QUALITIES = ("ok", "frozen", "partial", "venue_mismatch")
DIRECTIONS = ("LONG", "SHORT", "HOLD")
REGIMES = ("RANGING_QUIET", "BULLISH_TRENDING", "BEARISH_TRENDING", "RANGING_VOLATILE", "UNKNOWN")
STANDARD_EXIT_REASONS = ("TP_HIT", "SL_HIT", "TIME_EXIT")
#: Exit reasons that keep their name in figures; any other text in a log is counted as OTHER.
EXIT_REASONS = (*STANDARD_EXIT_REASONS, "RIBBON_REVERSAL", "CLAUDE_EXIT", "DATA_LOSS", "MANUAL", "OTHER")

#: How the two ribbons stood at an entry, and what may have triggered it (lib.market.setups).
ALIGNMENTS = (
    "MIXED_TIMEFRAMES",
    "BOTH_GREEN",
    "BOTH_RED",
    "ALL_GREEN_5MIN",
    "ALL_RED_5MIN",
    "ALL_GREEN_15MIN",
    "ALL_RED_15MIN",
    "MIXED",
)
TRIGGERS = {"LONG": ("WICK_DOWN", "BREAKOUT"), "SHORT": ("WICK_UP", "BREAKOUT")}
#: What stands for an alignment, a trigger or a signature that is not known: a group that is counted, and no setup.
UNKNOWN_SETUP = "UNKNOWN"
#: Every signature there is; nothing else may name a setup.
SIGNATURES = tuple(
    "_".join(part for part in (direction, trigger, alignment) if part)
    for direction, triggers in TRIGGERS.items()
    for trigger in (*triggers, "")
    for alignment in ALIGNMENTS
)

#: Model names of decisions that are not a trader's own.
RULES_MODEL = "rules"
SIMULATED_MODEL = "simulated"
#: `reason_code` of a trade that was imported from the log of another bot, whatever its model is called.
IMPORTED = "imported"
#: Symbols of simulated markets start with this; whatever shows such data says synthetic.
SYNTHETIC_SYMBOL = "SYNTHETIC"
#: The symbol of one in which an edge was planted; whatever shows such data says that too.
PLANTED_SYMBOL = f"{SYNTHETIC_SYMBOL}-PLANTED"

#: An exit without a time is known this long after its decision (docs/definitions.md, Known at).
EXIT_KNOWN_AFTER_MINUTES = 45.0
