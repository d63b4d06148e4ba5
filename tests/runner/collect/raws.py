"""What the script brings from a chart page, written out by hand: the shape that the browser tests hold against the real script."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from runner.collect.settings import CollectSettings

SETTINGS = CollectSettings(symbol="ETHUSDT")
GREEN, RED, YELLOW = "rgb(76, 175, 80)", "rgb(255, 82, 82)", "rgb(255, 235, 59)"
LABEL = "Chart for BINANCE:ETHUSDT, 5 minutes"


def value(name: str, text: str, colour: str = GREEN, hidden: bool = False) -> dict[str, Any]:
    return {"name": name, "text": text, "colour": colour, "hidden": hidden}


def row(
    title: str,
    description: str,
    values: Sequence[Mapping[str, Any]],
    status: str = "undefined",
    hidden: bool = False,
) -> dict[str, Any]:
    return {
        "title": title,
        "description": description,
        "status": status,
        "hidden": hidden,
        "values": list(values),
    }


def series(
    opened: str = "2,500.00",
    high: str = "2,510.50",
    low: str = "2,495.25",
    close: str = "2,505.75",
    volume: str | None = "26.53 K",
    **more,
) -> dict[str, Any]:
    values = [value(name, text) for name, text in zip("OHLC", (opened, high, low, close), strict=True)]
    values.append(value("", "+5.75 (+0.23%)"))
    values += [value("Vol", volume)] if volume is not None else []
    return row("Ether / Tether", "5", values, **more)


def ribbon(lines: Mapping[str, str] | None = None, colour: str = GREEN, **more) -> dict[str, Any]:
    shown = {"MMA05": "2,504.50", "MMA10": "2,503.25", "MMA40": "2,501.00"} if lines is None else lines
    values = [value(name, text, YELLOW if name.endswith("40") else colour) for name, text in shown.items()]
    return row("Madrid Ribbon", "close", [value("Fill", "∅", ""), *values], **more)


def chart(label: str = LABEL, active: bool = True, **rows) -> dict[str, Any]:
    return {
        "active": active,
        "label": label,
        "hovered": False,
        "series": rows.get("series", series()),
        "volume": rows.get("volume"),
        "studies": rows.get("studies", [ribbon()]),
    }


def raw(charts: Sequence[Mapping[str, Any]] | None = None, **more) -> dict[str, Any]:
    return {
        "now": 10_000.0,
        "still_ms": 100.0,
        "blank": False,
        "over": None,
        "hidden": False,
        "lang": "en",
        "online": True,
        "foreign_frames": 0,
        "walls": [],
        "hovered": False,
        "charts": [chart()] if charts is None else list(charts),
        "seen": [],
    } | more
