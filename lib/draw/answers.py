"""Tables of the answers to enter: how many there were, what became of them, and their calibration beside that of executed trades."""

from __future__ import annotations

from collections.abc import Sequence

from lib.contract.actual_trades import AnswerCalibration
from lib.contract.results import NamedGroup
from lib.draw.tables import Table, net_text, rate_text, show_facts, show_rows

_REASONS = {
    "no_sample": "no price while it was valid",
    "gap": "a hole in the candles within its longest hold",
}


def show_answers(answers: AnswerCalibration | None) -> Table:
    """How many directions were recommended, how many of them have a result, and why the others have none."""
    caption = "Answers: LONG or SHORT recommended while no position was held"
    if answers is None:
        return show_facts({"answers": "not in this result"}, caption=caption)
    reasons = [f"{count:,} {_REASONS.get(name, name)}" for name, count in answers.unscored.items()]
    return show_facts(
        {
            "answers, of which executed": f"{answers.total:,}, {answers.executed:,}",
            "with a result": f"{answers.scored:,}",
            "of these overlapping (given while another was open)": f"{answers.overlapping:,}",
            "still open": f"{answers.open:,}",
            "never to be scored": "; ".join(reasons) or "0",
            "with a standard stop or target, as the row has none": f"{answers.standard_distances:,}",
            "net win rate of those that count": rate_text(answers.overall),
            "net mean of those that count": net_text(answers.overall),
        },
        caption=caption,
    )


def show_calibration(executed: Sequence[NamedGroup], answers: AnswerCalibration | None) -> Table:
    """Each confidence band: executed trades, and the answers that count."""
    scored = {band.name: band for band in answers.bands} if answers else {}
    rows = []
    for trades in executed:
        band = scored.get(trades.name)
        rows.append(
            {
                "confidence": trades.name,
                "executed, won (95 %)": rate_text(trades),
                "mean an episode": net_text(trades),
                "answers, won (95 %)": rate_text(band) if band else None,
                "mean an answer": net_text(band) if band else None,
            }
        )
    return show_rows(rows)
