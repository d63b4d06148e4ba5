"""The exchange keys: read when both switches are on, from the environment or the `.env` beside ribbon.toml, and by nobody else.

They are no part of the configuration, because that is loaded on paper too, and paper mode holds no exchange key (docs/guarantees.md, L7,
S2).
"""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from runner.errors import ConfigError

KEY_VARIABLE, _SECRET_VARIABLE = "RIBBON_EXCHANGE_KEY", "RIBBON_EXCHANGE_SECRET"


class Keys(BaseSettings):
    """Key and secret of the account."""

    model_config = SettingsConfigDict(env_prefix="RIBBON_EXCHANGE_", extra="ignore", frozen=True)

    key: SecretStr = Field(description="API key of the account: the part that requests carry.")
    secret: SecretStr = Field(description="Secret that requests are signed with.")

    def redacted(self, text: str) -> str:
        """`text` without either of them, should a venue repeat one."""
        for value in (self.key.get_secret_value(), self.secret.get_secret_value()):
            text = text.replace(value, "********")
        return text


def read_keys(dotenv: Path) -> Keys:
    """The keys; raises ConfigError, which never shows a value, where one is missing."""
    try:
        keys = Keys(_env_file=dotenv)
    except ValidationError:
        keys = None
    if keys is None or not keys.key.get_secret_value().strip() or not keys.secret.get_secret_value().strip():
        raise ConfigError(
            f"the exchange broker needs {KEY_VARIABLE} and {_SECRET_VARIABLE}, in the environment or in {dotenv}"
        )
    return keys
