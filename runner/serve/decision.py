"""`/decision/ID`: the one place where a decision's page is made. Today it shows the decision's row, of the last day that has any."""

from __future__ import annotations

from typing import Any

from runner.serve.page import render


def decision_page(view: dict[str, Any], decision_id: str, **frame: Any) -> str | None:
    """The page of a decision of the feed (runner.serve.view); None where it is none of these."""
    found = [
        each for each in view["feed"] if each["kind"] == "decision" and each["decision_id"] == decision_id
    ]
    return render("decision.html.j2", decision=found[0], **frame) if found else None
