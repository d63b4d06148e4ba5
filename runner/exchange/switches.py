"""The two switches without which no order leaves (docs/guarantees.md, L7): a setting in the file, and a variable that names the account.

The variable is read from the environment of the process and nowhere else, so that no forgotten file keeps it on. Real money needs two words
more than the testnet: `network = "mainnet"` in the file, and `real-money` in the variable.
"""

from __future__ import annotations

import os

from runner.errors import ConfigError
from runner.exchange.settings import ExchangeSettings

SWITCH_VARIABLE = "RIBBON_LIVE_ACCOUNT"


def _account_name(settings: ExchangeSettings) -> str:
    """What the variable must say: venue and network, and for mainnet that it is real money."""
    name = f"{settings.venue} {settings.network}"
    return f"{name} real-money" if settings.network == "mainnet" else name


def require_switches(settings: ExchangeSettings) -> str:
    """The account's name, symbol included. Raises ConfigError where a switch is off or names another account."""
    wanted, given = _account_name(settings), os.environ.get(SWITCH_VARIABLE, "")
    if not given:
        raise ConfigError(
            f'[trade] broker is "exchange", but the second switch is off: set {SWITCH_VARIABLE}="{wanted}" in the '
            'environment of `ribbon trade`, or set broker back to "paper"'
        )
    if given != wanted:
        raise ConfigError(
            f'{SWITCH_VARIABLE} names another account than [exchange], which means "{wanted}": make them agree'
        )
    if not settings.symbol:
        raise ConfigError('[exchange] symbol is missing: name the perpetual to trade, such as "ETHUSDT"')
    return f"{wanted} {settings.symbol}"
