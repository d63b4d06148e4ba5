"""Secrets set in the text of a `.env`; every other line stays as it is."""

from __future__ import annotations

from collections.abc import Mapping
from io import StringIO

from dotenv import dotenv_values
from dotenv.parser import parse_stream

from runner.errors import ConfigError


def with_secrets(text: str, wanted: Mapping[str, str]) -> str:
    """The text with each name at its value: in the line that gives it, the last one where several do, else behind all.

    Raises ConfigError, naming no value, for a value that such a file cannot hold.
    """
    parts = [(binding.key, binding.original.string) for binding in parse_stream(StringIO(text))]
    if parts and not parts[-1][1].endswith("\n"):
        parts[-1] = (parts[-1][0], parts[-1][1] + "\n")
    for name, value in wanted.items():
        line = f"{name}={_quoted(value)}\n"
        places = [number for number, (key, _) in enumerate(parts) if key == name]
        if places:
            original = parts[places[-1]][1]
            above = original[: len(original) - len(original.lstrip())]
            parts[places[-1]] = (name, above + line)
        else:
            parts.append((name, line))
    made = "".join(original for _, original in parts)
    read = dotenv_values(stream=StringIO(made))
    for name, value in wanted.items():
        if read.get(name) != value:
            raise ConfigError(f"{name} holds marks that a .env cannot: set it in the environment instead")
    return made


def _quoted(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
