"""What was answered, into ribbon.toml and .env: each replaced whole, and only where it says something else than before.

The new configuration is read as every command would read it before the file is touched, so that none is left that no command takes.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from lib.contract.standing import file_text
from lib.data.atomic import replace_private, replace_text
from lib.errors import DataError
from runner.config import Config, load_config
from runner.config_file import read_toml
from runner.config_moved import Keys, value_at
from runner.errors import ConfigError
from runner.setup.dotenv_values import with_secrets
from runner.setup.toml_values import Value, with_values


@dataclass(frozen=True)
class Written:
    """What stands there now. `values`: what was changed in `config`; `secrets`: names that were changed in `dotenv`.

    `overruled`: of the values that were wanted, those that a variable or the .env says otherwise, with what says so.
    """

    config: Path
    dotenv: Path
    values: dict[Keys, Value]
    secrets: list[str]
    overruled: dict[Keys, str]


def write(path: Path, values: Mapping[Keys, Value], secrets: Mapping[str, str]) -> Written:
    """Set the values in the configuration file at `path` and the secrets in the .env beside it (mode 600).

    Raises ConfigError, and then nothing was written; WriteFailedError and DataError are the system's (runner.errors.file_error).
    """
    path, dotenv = path.resolve(), path.with_name(".env")  # what a link names, not the link, is replaced
    before, text = read_toml(path)
    changed = {keys: value for keys, value in values.items() if value_at(before, keys) != value}
    try:
        made = with_values(text, changed)
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from None
    _refuse_unreadable(path, made)
    held = _text_of(dotenv)
    kept = with_secrets(held, secrets) if secrets else held
    if kept != held or (secrets and dotenv.stat().st_mode & 0o077):
        replace_private(dotenv, kept)
    if made != text:
        replace_text(path, made)
    return Written(
        path,
        dotenv,
        changed,
        sorted(secrets) if kept != held else [],
        _overruled(load_config(path), values),
    )


def _refuse_unreadable(path: Path, text: str) -> None:
    """Raises ConfigError where no command would take the new text."""
    with tempfile.TemporaryDirectory(prefix="rib-setup-") as folder:
        trial = Path(folder) / path.name
        trial.write_text(text, encoding="utf-8")
        try:
            load_config(trial)
        except ConfigError as error:
            raise ConfigError(str(error).replace(str(trial), str(path))) from None


def _text_of(dotenv: Path) -> str:
    try:
        return file_text(dotenv)
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError:
        raise DataError("is no UTF-8 text", path=dotenv, fix="Mend it, or move it away") from None


def _overruled(config: Config, values: Mapping[Keys, Value]) -> dict[Keys, str]:
    origins = {keys: config.origins.get(".".join(keys), "") for keys in values}
    return {keys: origin for keys, origin in origins.items() if not origin.startswith(f"{config.path},")}
