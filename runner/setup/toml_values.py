"""Values set in a TOML text; comments, order and the form of everything else stay."""

from __future__ import annotations

import copy
import tomllib
from collections.abc import Mapping
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from runner.config_moved import Keys, value_at
from runner.errors import ConfigError

Value = str | int | float
#: What a file begins with that was not there.
HEAD = "# Settings of Ribbon Lab, begun by `ribbon setup`; docs/reference/settings.md has every key.\n"


def with_values(text: str, wanted: Mapping[Keys, Value]) -> str:
    """The text with each key at its value, its table made where it lacks. A value that stands there already is not touched.

    Raises ConfigError, naming no value, where the text is too intricate to be edited.
    """
    values = tomllib.loads(text)
    changes = {keys: value for keys, value in wanted.items() if value_at(values, keys) != value}
    if not changes:
        return text
    try:
        document = tomlkit.parse(text or HEAD)
        for keys, value in changes.items():
            _set(document, keys, value)
        edited = tomlkit.dumps(document)
        edited += "" if edited.endswith("\n") else "\n"
        done = tomllib.loads(edited) == _values_set(values, changes)
    except (TOMLKitError, tomllib.TOMLDecodeError, KeyError, TypeError, AttributeError):
        done = False
    if not done:
        names = ", ".join(".".join(keys) for keys in changes)
        raise ConfigError(f"it is written in a way that cannot be edited safely: set {names} by hand")
    return edited


def _set(document: Any, keys: Keys, value: Value) -> None:
    table = document
    for place, key in enumerate(keys[:-1]):
        if key not in table:
            if table is document and document.as_string().strip():
                document.add(tomlkit.nl())
            # A table that holds nothing but tables needs no head of its own.
            table.add(key, tomlkit.table(is_super_table=place < len(keys) - 2))
        table = table[key]
    table[keys[-1]] = value


def _values_set(values: Mapping[str, Any], changes: Mapping[Keys, Value]) -> dict[str, Any]:
    """What the edited text must say."""
    made = copy.deepcopy(dict(values))
    for (*tables, key), value in changes.items():
        table = made
        for name in tables:
            table = table.setdefault(name, {})
        table[key] = value
    return made
