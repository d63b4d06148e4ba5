"""The one configuration: `ribbon.toml`, the environment over it, and where each value came from.

A room's settings are a pydantic model in its `settings.py`; a line in `SECTIONS` makes it a table of the file and a group of variables
(`RIBBON_TRADE__RAILS__MIN_CONFIDENCE`). The file is the one RIBBON_CONFIG names, else `ribbon.toml` in the repository, if it is there.
Secrets (SecretStr fields) are taken from the environment or from the `.env` beside the file, and refused in the file itself. A key that
no model knows is refused wherever it stands: a misspelt limit must not leave the default in force. So is one that has another name now
(runner.config_moved), with that name.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from importlib import import_module
from pathlib import Path
from typing import Any

from pydantic import BaseModel, Field, SecretStr, ValidationError, create_model
from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    DotEnvSettingsSource,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from lib.contract.standing import resolved
from lib.errors import MissingDataError
from lib.paths import repository_root
from runner.config_file import checked_dotenv, dotenv_names, line_of, read_toml
from runner.config_moved import Keys, moved_keys, value_at
from runner.config_secrets import refuse_secrets, secret_keys
from runner.errors import ConfigError

_CONFIG_VARIABLE = "RIBBON_CONFIG"
FILE_NAME = "ribbon.toml"
_PREFIX = "RIBBON_"
#: Variables that begin as those of a section and are none: runner.exchange.keys reads them, and nobody else.
_KEPT_APART: dict[Keys, str] = {
    ("exchange", name): f"RIBBON_EXCHANGE_{name.upper()}" for name in ("key", "secret")
}
#: User and password of an address, and what stands behind its place: a key, often.
_LOGIN = re.compile(r"(?<=://)[^/?#\s]*@")
_QUERY = re.compile(r"(://[^?#\s]*[?#])\S+")
_Fields = Mapping[str, FieldInfo]  #: what a model knows, by key
#: Section → its model. A room's settings are plugged in by a line here.
SECTIONS = {
    "terms": "lib.market.terms:Terms",
    "collect": "runner.collect.settings:CollectSettings",
    "trade": "runner.trade.settings:TradeSettings",
    "cycle": "runner.cycle.settings:CycleSettings",
    "exchange": "runner.exchange.settings:ExchangeSettings",
    "claude": "runner.claude.settings:ClaudeSettings",
    "notify": "runner.notify.settings:NotifySettings",
    "experiment": "runner.experiment.settings:ExperimentSettings",
    "serve": "runner.serve.settings:ServeSettings",
}

#: Secrets that go by a name of their own too, where their section is one.
PLAIN_NAMES: dict[Keys, str] = {("claude", "api_key"): "ANTHROPIC_API_KEY"}


class _Plain(str):
    """A value that was given under its plain name."""


@dataclass(frozen=True)
class Config:
    """What is in force. `origins`: where each value came from, by dotted name; a name that is missing there is a default."""

    path: Path
    sections: Mapping[str, BaseModel]
    origins: Mapping[str, str]

    def section(self, name: str) -> Any:
        """The settings of one room."""
        return self.sections[name]

    def values(self) -> dict[str, object]:
        """Every value by dotted name, in the models' order; secrets masked, and of an address who logs in and its query."""
        return {
            ".".join(keys): _shown(value)
            for name, section in self.sections.items()
            for keys, value in _leaves(section, (name,))
        }


def config_path(to_make: bool = False) -> Path:
    """The file that counts; raises ConfigError if RIBBON_CONFIG names one that is not there, unless it is `to_make`."""
    named = os.environ.get(_CONFIG_VARIABLE)
    if not named:
        return repository_root() / FILE_NAME
    try:
        path = resolved(named)
    except MissingDataError as error:
        raise ConfigError(f"{_CONFIG_VARIABLE}: {error}, or unset the variable") from None
    if not path.is_file() and not to_make:
        raise ConfigError(
            f"{_CONFIG_VARIABLE} names {path}, and no file is there: make it, or unset the variable"
        )
    return path


def load_config(path: Path | None = None, sections: Mapping[str, str] | None = None) -> Config:
    """Read file, `.env` and environment; raises ConfigError naming file, line and the nearest known name."""
    path = path or config_path()
    models = {name: _model(place) for name, place in (sections or SECTIONS).items()}
    values, text = read_toml(path)
    dotenv = checked_dotenv(path.with_name(".env"))
    settings_class = _settings_class(models, dotenv, values)
    fields = settings_class.model_fields
    secrets = _KEPT_APART | {keys: _variable(keys) for keys in secret_keys(fields)}
    refuse_secrets(values, secrets, path, text)
    _refuse(values, fields, lambda keys: f"{path}, line {line_of(text, keys)}")
    _refuse_unknown_variables("environment", os.environ, fields)
    _refuse_unknown_variables(str(dotenv), dotenv_names(dotenv), fields)
    _refuse_truths(values, fields, lambda keys: f"{path}, line {line_of(text, keys)}")
    found = settings_class.ribbon_sources(settings_class)
    for label, given in found[:2]:
        _refuse(given, fields, lambda keys, label=label: f"{label} {_variable(keys)}")
    try:
        made = settings_class()
    except ValidationError as error:
        raise ConfigError(_told(error, found, path, text)) from None
    origins = {".".join(keys): _origin(keys, found, path, text) for keys, _ in _leaves(made)}
    return Config(path, dict(made), {name: origin for name, origin in origins.items() if origin})


def old_variables(path: Path) -> list[str]:
    """What the environment and the `.env` beside `path` say under old names, in words: no program may rewrite those."""
    models = {name: _model(place) for name, place in SECTIONS.items()}
    sources = _settings_class(models, checked_dotenv(path.with_name(".env")), {})
    return [
        told
        for label, given in sources.ribbon_sources(sources)[:2]
        for told in _moved(
            given, sources.model_fields, lambda keys, label=label: f"{label} {_variable(keys)}"
        )
    ]


def _model(place: str) -> type[BaseModel]:
    module, _, name = place.partition(":")
    return getattr(import_module(module), name)


def _settings_class(models: Mapping[str, type[BaseModel]], dotenv: Path, values: dict[str, Any]) -> Any:
    class Sources(BaseSettings):
        model_config = SettingsConfigDict(env_prefix=_PREFIX, env_nested_delimiter="__", extra="ignore")

        @classmethod
        def ribbon_sources(cls, made: type[BaseSettings]) -> list[tuple[str, dict[str, Any]]]:
            env = EnvSettingsSource(made)
            file = DotEnvSettingsSource(made, env_file=dotenv, dotenv_filtering="only_existing")
            given = _with_plain(env(), models, os.environ), _with_plain(file(), models, file.env_vars)
            return [("environment", given[0]), (str(dotenv), given[1]), ("file", values)]

        @classmethod
        def settings_customise_sources(
            cls, settings_cls: type[BaseSettings], **_: PydanticBaseSettingsSource
        ) -> tuple[Any, ...]:
            return tuple(lambda given=given: given for _, given in cls.ribbon_sources(settings_cls))

    fields: dict[str, Any] = {name: (model, Field(default_factory=model)) for name, model in models.items()}
    return create_model("RibbonSettings", __base__=Sources, **fields)


def _refuse(given: Mapping[str, Any], fields: _Fields, where: Any) -> None:
    if moved := _moved(given, fields, where):
        raise ConfigError("; ".join(moved))
    _refuse_unknown(given, fields, where)


def _moved(given: Mapping[str, Any], fields: _Fields, where: Any) -> list[str]:
    return [
        f"{where(old)}: {'.'.join(old)} is {'.'.join(new)} now: move it to [{new[0]}], or unset {_variable(old)} for {_variable(new)}"
        for old, new in moved_keys(given).items()
        if new[0] in fields
    ]


def _refuse_unknown(given: Mapping[str, Any], fields: _Fields, where: Any) -> None:
    for keys, known in _given_keys(given, fields):
        if keys[-1] not in known:
            raise ConfigError(f"{where(keys)}: unknown key {'.'.join(keys)}{_meant(keys, known, fields)}")


def _meant(keys: Keys, known: _Fields, fields: _Fields) -> str:
    """What an unknown key may be: one of that name in another table, else the nearest beside it."""
    if elsewhere := [each for each in _all_keys(fields) if each[-1] == keys[-1]]:
        places = " or ".join(f"[{'.'.join(each[:-1])}]" for each in elsewhere)
        return f"; {keys[-1]} belongs under {places}"
    near = get_close_matches(keys[-1], known, 1, 0.0)
    return f"; the nearest is {'.'.join((*keys[:-1], *near))}" if near else ""


def _all_keys(fields: _Fields, above: Keys = ()) -> Iterator[Keys]:
    """Every key that there is, but for the sections themselves."""
    for name, field in fields.items():
        if above:
            yield (*above, name)
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from _all_keys(field.annotation.model_fields, (*above, name))


def _given_keys(
    given: Mapping[str, Any], fields: _Fields, above: Keys = ()
) -> Iterator[tuple[Keys, _Fields]]:
    """Every key that is given, tables before what is in them, with the fields that are known beside it."""
    for key, value in given.items():
        yield (*above, key), fields
        kind = fields[key].annotation if key in fields else None
        if isinstance(value, Mapping) and isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from _given_keys(value, kind.model_fields, (*above, key))


def _refuse_unknown_variables(label: str, names: Iterable[str], fields: _Fields) -> None:
    """A variable of a section that is none, or of one with a single sign _ behind it, would be passed over in silence otherwise."""
    kept = _KEPT_APART.values()
    for name in sorted(each.upper() for each in names if each.upper().startswith(_PREFIX)):
        section, nested, _ = name.removeprefix(_PREFIX).lower().partition("__")
        if nested and section not in fields:
            near = _variable(tuple(get_close_matches(section, fields, 1, 0.0)))
            raise ConfigError(f"{label} {name}: there is no section {section}; the nearest is {near}__…")
        if not nested and "_" in section and section.partition("_")[0] in fields and name not in kept:
            known = {_PREFIX + "__".join(keys).upper(): keys for keys in _all_keys(fields)}
            near = _variable(known[get_close_matches(name, known, 1, 0.0)[0]])
            raise ConfigError(f"{label} {name}: two signs _ stand behind each table; the nearest is {near}")


def _refuse_truths(given: Mapping[str, Any], fields: _Fields, where: Any) -> None:
    """True for a number would be taken for 1, which nobody meant."""
    for keys, known in _given_keys(given, fields):
        kind = str(known[keys[-1]].annotation)
        if (
            isinstance(value_at(given, keys), bool)
            and re.search(r"\b(int|float)\b", kind)
            and "bool" not in kind
        ):
            said = str(value_at(given, keys)).lower()
            raise ConfigError(
                f"{where(keys)}: {'.'.join(keys)} = {said}: it is a number. Write one, without quotes"
            )


def _leaves(model: BaseModel, keys: Keys = ()) -> list[tuple[Keys, object]]:
    found: list[tuple[Keys, object]] = []
    for name in type(model).model_fields:
        value = getattr(model, name)
        found += _leaves(value, (*keys, name)) if isinstance(value, BaseModel) else [((*keys, name), value)]
    return found


def _shown(value: object) -> object:
    if isinstance(value, SecretStr):
        return "********" if value.get_secret_value() else ""
    if isinstance(value, tuple):  # as the file would say it
        return [_shown(part) for part in value]
    if isinstance(value, str):
        return _QUERY.sub(r"\1********", _LOGIN.sub("********@", value))
    return value if isinstance(value, int | float | bool | list | type(None)) else str(value)


def _origin(keys: Keys, found: list[tuple[str, dict[str, Any]]], path: Path, text: str) -> str:
    """Where the value of `keys` came from; "" for a default."""
    for label, given in found:
        if (value := value_at(given, keys)) is not None:
            name = PLAIN_NAMES[keys] if isinstance(value, _Plain) else _variable(keys).rpartition(" ")[2]
            return f"{path}, line {line_of(text, keys)}" if label == "file" else f"{label} {name}"
    return ""


def _with_plain(
    given: dict[str, Any], models: Mapping[str, type[BaseModel]], variables: Mapping[str, str | None]
) -> dict[str, Any]:
    """What a source gives, with the secrets that it has under their plain names only; an empty one under the other name is none."""
    for (section, key), name in PLAIN_NAMES.items():
        value = variables.get(name) or variables.get(name.lower())
        if section in models and value and not given.get(section, {}).get(key):
            given[section] = {**given.get(section, {}), key: _Plain(value)}
    return given


def _variable(keys: Keys) -> str:
    variable = _PREFIX + "__".join(keys).upper()
    return f"{PLAIN_NAMES[keys]} or {variable}" if keys in PLAIN_NAMES else variable


def _told(error: ValidationError, found: list[tuple[str, dict[str, Any]]], path: Path, text: str) -> str:
    """A validation error without the value: it may be a secret."""
    faults = []
    for fault in error.errors(include_input=False, include_url=False):
        keys = tuple(str(part) for part in fault["loc"])
        where = _origin(keys, found, path, text) or str(path)
        faults.append(f"{where}: {'.'.join(keys)}: {fault['msg']}")
    return "; ".join(faults)
