"""The list of all cycles, `outputs/index.html`, newest first, built from the manifests; and `outputs/latest`, which leads to the newest."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lib.contract.dollars import A_COIN, Coin
from lib.contract.schema import REGIMES
from lib.data.atomic import replace_text
from lib.draw.equity import in_all_words
from runner.cycle.equity import small_equity, whole_log_of
from runner.cycle.manifest import Manifest, manifests_and_unread
from runner.cycle.message import lessons_of, message_of
from runner.cycle.pages import render, words
from runner.cycle.reports import FRONT_PAGE, front_picture

LATEST = "latest"
#: One name is enough under the cycle's lock, and what a kill left under it goes with the next.
_FRESH_LINK = f".{LATEST}.new"
#: What cycles of one row have in common.
_SAME = ("as_of", "status", "source", "headline")
#: Columns of the list that often have the same in each row: said once above it then, not in each.
_COLUMNS = {"lessons": "Lessons to act on", "score": "Score", "regime": "Regime"}


def write_index(outputs: Path) -> Path:
    """Replace the list; to be called under the cycle lock (a manifest that still says running is then a cycle that was killed)."""
    manifests, unread = manifests_and_unread(outputs)
    cycles = [
        {
            "manifest": manifest,
            "front": (outputs / manifest.cycle / FRONT_PAGE).is_file(),
            "cells": _cells(manifest),
            "again": [other.cycle for other in again if (outputs / other.cycle / FRONT_PAGE).is_file()],
        }
        for manifest, *again in _of_an_instant(manifests)
    ]
    page = outputs / FRONT_PAGE
    lessons = lessons_of(outputs / manifests[0].cycle) if manifests else None
    newest = message_of(manifests[0], lessons) if manifests else None
    log = whole_log_of(outputs / manifests[0].cycle) if manifests else None
    coin = Coin.of(manifests[0].source) if manifests else A_COIN
    equity = small_equity(log, coin)
    picture = front_picture(outputs / manifests[0].cycle, manifests[0]) if manifests and not equity else None
    found = render(
        "index.html.j2",
        cycles=cycles,
        unread=unread,
        columns=_COLUMNS,
        alike=_alike([manifest.headline for manifest in manifests]),
        message=newest,
        lessons=lessons,
        equity=equity,
        in_all=in_all_words(log, coin) if manifests else "",
        picture=picture,
        regimes=[name for name in REGIMES[:4] if name in {made.headline.get("regime") for made in manifests}],
    )
    replace_text(page, found)
    return page


def _of_an_instant(manifests: list[Manifest]) -> list[list[Manifest]]:
    """Cycles that came to the same of the same instant, in a row; each group in its order."""
    groups: list[list[Manifest]] = []
    for each in manifests:
        first = groups[-1][0] if groups else None
        if first and all(getattr(first, name) == getattr(each, name) for name in _SAME):
            groups[-1].append(each)
        else:
            groups.append([each])
    return groups


def _cells(manifest: Manifest) -> dict[str, str]:
    """A cycle's row in the columns of _COLUMNS; an en dash where a figure is not known."""
    figures = manifest.headline
    act_on, proven, score = (figures.get(name) for name in ("lessons_to_act_on", "proven_lessons", "score"))
    of = "" if proven is None else f" of {proven} proven"
    return {
        "lessons": f"{'–' if act_on is None else act_on}{of}",
        "score": "–" if score is None else f"{score:.0f} {figures.get('grade') or ''}".rstrip(),
        "regime": words(figures.get("regime")),
    }


def _alike(headlines: list[dict[str, Any]]) -> dict[str, str]:
    """Column → what stands in each row of it, as a sentence has it, where that is the same in two rows or more."""
    if len(headlines) < 2:
        return {}
    act_on, proven, score, grade, regime = (
        headlines[0].get(name) for name in ("lessons_to_act_on", "proven_lessons", "score", "grade", "regime")
    )
    of = "" if proven is None else f"{proven} lessons proven, of which "
    said = {
        "lessons": "" if act_on is None else f"{of}{act_on} to act on",
        "score": ""
        if score is None
        else f"scalper score {score:.0f} of 100{f', grade {grade}' if grade else ''}",
        "regime": words(regime) if regime else "",
    }
    keys = {
        "lessons": ("lessons_to_act_on", "proven_lessons"),
        "score": ("score", "grade"),
        "regime": ("regime",),
    }
    return {
        name: words_of
        for name, words_of in said.items()
        if words_of and len({tuple(row.get(key) for key in keys[name]) for row in headlines}) == 1
    }


def latest_warning(outputs: Path) -> str:
    """That a real folder stands where the link would, which is somebody's own; "" where none does."""
    latest = outputs / LATEST
    if latest.is_dir() and not latest.is_symlink():
        return f"{latest} is a folder of somebody's own and leads to no cycle: move it away, and the next cycle makes the link"
    return ""


def point_latest(outputs: Path, cycle: str) -> None:
    """Let `latest` lead to the cycle: a relative link, or a small text file and a forwarding page where links are impossible.

    A real folder of that name is somebody's own and stays (`latest_warning`).
    """
    if latest_warning(outputs):
        return
    latest = outputs / LATEST
    fresh = outputs / _FRESH_LINK
    fresh.unlink(missing_ok=True)
    try:
        fresh.symlink_to(cycle, target_is_directory=True)
        fresh.replace(latest)
    except (OSError, NotImplementedError):
        fresh.unlink(missing_ok=True)
        replace_text(latest, f"{cycle}\n")
        replace_text(outputs / f"{LATEST}.html", render("latest.html.j2", target=f"{cycle}/{FRONT_PAGE}"))
