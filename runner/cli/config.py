"""`ribbon config`: what is in force and where each value came from, secrets masked."""

from __future__ import annotations

from lib.contract.text_table import TextTable
from runner.cli.options import AsJson, answer
from runner.terminal.gate import say


def config(
    as_json: AsJson = False,
) -> None:
    """Show every setting, its value, and where that came from: environment, .env, ribbon.toml, or the default."""
    from runner.config import load_config

    found = load_config()
    values = found.values()
    if as_json:
        settings = {
            name: {"value": value, "origin": found.origins.get(name, "default")}
            for name, value in values.items()
        }
        answer([], {"file": str(found.path), "exists": found.path.is_file(), "settings": settings}, as_json)
        return
    present = "" if found.path.is_file() else " (not there: defaults and environment)"
    say(f"{found.path}{present}")
    rows = [(name, repr(value), found.origins.get(name, "default")) for name, value in values.items()]
    plain = tuple(f"{name} = {value}  # {origin}" for name, value, origin in rows)
    answer([TextTable(("setting", "value", "from"), rows, left=(0, 1, 2), plain=plain)], None, False)
