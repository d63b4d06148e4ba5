"""Keys of a TOML text moved to other tables; comments and the form of everything else stay."""

from __future__ import annotations

import copy
import tomllib
from collections.abc import Mapping
from typing import Any

import tomlkit
from tomlkit.container import Container
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import Comment, Item, Table

from runner.config_moved import Keys, moved_keys, value_at
from runner.errors import ConfigError


def with_keys_moved(text: str, moved: Mapping[Keys, Keys]) -> str:
    """The text with each key at its new place, with the comments above and behind it; a table that is empty then is gone.

    Raises ConfigError, naming no value, where old and new place say different things, or the text is too intricate to be edited.
    """
    values = tomllib.loads(text)
    found = moved_keys(values, moved)
    for old, new in found.items():
        if value_at(values, new) not in (None, value_at(values, old)):
            raise ConfigError(
                f"{'.'.join(old)} is {'.'.join(new)} now, and both stand there with different values: remove one"
            )
    try:
        edited = _edited(text, found)
        done = tomllib.loads(edited) == _values_moved(values, found)
    except (TOMLKitError, tomllib.TOMLDecodeError, KeyError, TypeError, AttributeError):
        done = False
    if not done:
        names = ", ".join(f"{'.'.join(old)} to {'.'.join(new)}" for old, new in found.items())
        raise ConfigError(f"it is written in a way that cannot be edited safely: move {names} by hand")
    return edited


def _values_moved(values: dict[str, Any], found: Mapping[Keys, Keys]) -> dict[str, Any]:
    """What the edited text must say."""
    wanted = copy.deepcopy(values)
    for old, (*tables, key) in found.items():
        table = wanted
        for name in tables:
            table = table.setdefault(name, {})
        table[key] = value_at(values, old)
        _drop(wanted, old)
    return wanted


def _edited(text: str, found: Mapping[Keys, Keys]) -> str:
    document = tomlkit.parse(text)
    for old, new in found.items():
        parent = document
        for key in old[:-1]:
            parent = parent[key]
        item, comments = parent[old[-1]], _taken_above(parent, old[-1])
        del parent[old[-1]]
        if not parent:
            comments += _taken([(None, parent), *_body(parent)])
        _drop(document, old)
        _add(document, new, item, comments)
    return tomlkit.dumps(document).lstrip("\n")


def _add(document: Any, new: Keys, item: Item, comments: list[str]) -> None:
    table = document
    for key in new[:-1]:
        if key not in table:
            if table is document and document.as_string().strip():
                document.add(tomlkit.nl())
            table.add(key, tomlkit.table())
        table = table[key]
    for comment in comments:
        table.add(tomlkit.comment(comment))
    if new[-1] not in table:
        item.trivia.indent = ""
        if not item.trivia.trail.endswith("\n"):
            item.trivia.trail += "\n"
        table.add(new[-1], item)


def _taken_above(parent: Any, key: str) -> list[str]:
    """The comment lines right above a key, which are blank in their place then."""
    body = _body(parent)
    names = [None if name is None else name.key for name, _ in body]
    first = place = names.index(key) if key in names else 0
    while first and isinstance(body[first - 1][1], Comment):
        first -= 1
    return _taken(body[first:place])


def _taken(lines: list[Any]) -> list[str]:
    taken = []
    for _, line in lines:
        if isinstance(line, Comment | Table) and line.trivia.comment:
            taken.append(line.trivia.comment.removeprefix("#").strip())
            line.trivia.indent = line.trivia.comment = line.trivia.trail = ""
    return taken


def _body(parent: Any) -> list[Any]:
    inside = parent if isinstance(parent, Container) else getattr(parent, "value", None)
    return inside.body if isinstance(inside, Container) else []


def _drop(values: Any, keys: Keys) -> None:
    """Take out a key, if it is there, and every table around it that is empty then."""
    inside = values[keys[0]]
    if len(keys) > 1:
        if keys[1] in inside:
            _drop(inside, keys[1:])
        if not inside:
            del values[keys[0]]
    else:
        del values[keys[0]]
