"""Secrets that stand in `ribbon.toml`: found by what they are called, whatever table they stand in, and told where they belong."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from runner.config_file import line_of
from runner.config_moved import Keys
from runner.errors import ConfigError

#: The last word of a name that only a secret has.
_SECRET = re.compile(r"(?:^|_)(key|secret|token|password|passphrase)$", re.IGNORECASE)


def secret_keys(fields: Mapping[str, FieldInfo], above: Keys = ()) -> Iterator[Keys]:
    """Every setting that is a secret."""
    for name, field in fields.items():
        if "SecretStr" in str(field.annotation):
            yield (*above, name)
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from secret_keys(field.annotation.model_fields, (*above, name))


def refuse_secrets(given: Mapping[str, Any], variables: Mapping[Keys, str], path: Path, text: str) -> None:
    """Raise ConfigError for the first secret of `given`, which the file `path` of `text` holds; its value is not shown.

    `variables`: setting → the variable that has its value, of every secret that there is; further names of it behind " or ".
    """
    for keys in _leaves(given):
        if keys in variables or _SECRET.search(keys[-1]):
            raise ConfigError(
                f"{path}, line {line_of(text, keys)}: {'.'.join(keys)} is a secret and must not stand in this file; "
                f"set {' or '.join(_meant(keys, variables))} in the environment or in {path.with_name('.env')}"
            )


def _meant(keys: Keys, variables: Mapping[Keys, str]) -> list[str]:
    """The variable of that name, else those of that table, or of all, whose last word is the same."""
    named = [told for of, told in variables.items() if of == keys or keys[-1].upper() in told.split(" or ")]
    pool = {of: told for of, told in variables.items() if of[0] == keys[0].lower()} or variables
    word = keys[-1].lower().rpartition("_")[2]
    return named or [told for of, told in pool.items() if of[-1].endswith(word)] or [*pool.values()]


def _leaves(given: Mapping[str, Any], above: Keys = ()) -> Iterator[Keys]:
    for key, value in given.items():
        if isinstance(value, Mapping):
            yield from _leaves(value, (*above, key))
        else:
            yield (*above, key)
