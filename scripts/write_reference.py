"""Write what docs/reference has from the code: commands, settings, exit codes. Usage: python -m scripts.write_reference

Each page is prose with one made part, between two comments; the prose stays as it is. A test holds pages and code equal.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

import typer
from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from lib import errors
from runner import errors as runner_errors
from runner.cli import app_for
from runner.config import SECTIONS
from scripts.made_page import REFERENCE, MadePage

#: How a bound of a setting is written, by the name of its attribute.
BOUNDS = {"gt": "> {}", "ge": "≥ {}", "lt": "< {}", "le": "≤ {}"}


def commands() -> str:
    """Every command with its options and arguments, as its --help has them."""
    return "\n".join(
        _command(name, found) for name, found in _walk(typer.main.get_command(app_for()), "ribbon")
    )


def _walk(command: Any, name: str) -> Iterator[tuple[str, Any]]:
    below = getattr(command, "commands", None)
    if below is None:
        yield name, command
    else:
        for word, found in below.items():
            yield from _walk(found, f"{name} {word}")


def _command(name: str, command: Any) -> str:
    rows = [_parameter(found) for found in command.params if getattr(found, "help", None)]
    table = ["| option | what |", "|---|---|", *rows, ""] if rows else []
    return "\n".join([f"## {name}", "", _line(command.help), "", *table])


def _parameter(found: Any) -> str:
    names = found.opts if found.opts[0].startswith("-") else [found.name.upper()]
    return f"| {', '.join(f'`{name}`' for name in [*names, *found.secondary_opts])} | {_line(found.help)} |"


def settings() -> str:
    """Every section with its keys, defaults and ranges."""
    return "\n".join(text for name, place in SECTIONS.items() for text in _section(name, _model(place)))


def _model(place: str) -> type[BaseModel]:
    module, _, name = place.partition(":")
    return getattr(import_module(module), name)


def _section(name: str, model: type[BaseModel]) -> Iterator[str]:
    tables = {key: found for key, found in model.model_fields.items() if _is_table(found)}
    rows = [_key(name, key, found) for key, found in model.model_fields.items() if key not in tables]
    yield "\n".join(
        [
            f"## [{name}]",
            "",
            _line((model.__doc__ or "").partition(" Raises ")[0]),
            "",
            "| key | default | allowed | meaning |",
            "|---|---|---|---|",
            *rows,
            "",
        ]
    )
    for key, found in tables.items():
        yield from _section(f"{name}.{key}", found.annotation)


def _is_table(field: FieldInfo) -> bool:
    return isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)


def _key(section: str, key: str, field: FieldInfo) -> str:
    return f"| `{key}` | {_default(field)} | {_allowed(field)} | {_line(field.description)} |"


def _default(field: FieldInfo) -> str:
    value = field.get_default(call_default_factory=True)
    if isinstance(value, SecretStr):
        return "from the environment"
    if value in ("", None, ()):
        return "empty"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, tuple):
        return ", ".join(f"`{part}`" for part in value)
    return f"`{value:g}`" if isinstance(value, float) else f"`{value}`"


def _allowed(field: FieldInfo) -> str:
    words = re.findall(r"'([^']*)'", str(field.annotation)) if "Literal" in str(field.annotation) else []
    found = [", ".join(f"`{word}`" for word in words)] if words else []
    for part in field.metadata:
        found += [
            text.format(f"{getattr(part, name):g}")
            for name, text in BOUNDS.items()
            if getattr(part, name, None) is not None
        ]
    return ", ".join(found)


def exit_codes() -> str:
    """Every exit code with the error that it is of."""
    found = {0: ("", "All is well; a cycle ran and was published.")}
    for module in (errors, runner_errors):
        for error in vars(module).values():
            if (
                isinstance(error, type)
                and issubclass(error, errors.RibbonError)
                and "exit_code" in vars(error)
            ):
                found[error.exit_code] = (f"`{error.__name__}`", _line(error.__doc__))
    found[errors.RibbonError.exit_code] = (
        "`RibbonError`",
        "Anything else. The message says what, where, and what to do about it.",
    )
    rows = [f"| {code} | {name} | {text} |" for code, (name, text) in sorted(found.items())]
    return "\n".join(["| exit code | error | meaning |", "|---|---|---|", *rows, ""])


def _line(text: str | None) -> str:
    """A text as one line that may stand in a table."""
    words = " ".join((text or "").replace("``", "`").split())
    return words.replace("|", "\\|").replace("<", "\\<")


#: Page → what makes its part.
PAGES: dict[str, Callable[[], str]] = {
    "commands.md": commands,
    "settings.md": settings,
    "exit-codes.md": exit_codes,
}


def page_of(name: str) -> MadePage:
    """The page of that file's name."""
    return MadePage(REFERENCE / name, "write_reference")


def part_of(name: str) -> str:
    """The made part of it."""
    return f"\n{PAGES[name]()}\n"


if __name__ == "__main__":
    for name in PAGES:
        if page_of(name).write(part_of(name)):
            print(f"docs/reference/{name}")
