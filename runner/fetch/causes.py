"""Why an exchange says no: the one table of causes and what to do, for all that talk to an exchange through ccxt.

ccxt maps answers to classes, some of them misleadingly: a blocked country is its RateLimitExceeded, a right that a key lacks comes with a
sentence about others that nobody needs. So the exchange's own code counts first, then words and HTTP status of its answer, and the
class only last. The exchange's answer stands behind, without what ccxt made up.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from lib.contract.visible import visible

_TEXT_LENGTH = 200


@dataclass(frozen=True)
class Cause:
    """What is wrong, to be read behind the exchange's name, and what to do about it."""

    words: str
    fix: str
    passes: bool = False  #: by itself, so that it is worth asking again soon
    at_gate: bool = False  #: the request got no further than the gateway: it had no effect


_KEY = "Compare key and secret with the exchange's page of keys, and make a new one where in doubt"
CAUSES = {
    "key": Cause(
        "does not know this API key: wrong, deleted, or of its other network (testnet or mainnet)", _KEY
    ),
    "no_key": Cause(
        "tells that to holders of an API key alone, and no key is read for candles",
        "Take another exchange, or a file with --candles",
    ),
    "secret": Cause("says that the signature is wrong: the secret does not belong to the key", _KEY),
    "expired": Cause(
        "says that the API key has expired", "Make a new one, bound to your address so that it lasts"
    ),
    "key_or_rights": Cause(
        "does not take this API key, and does not say why: wrong, bound to another address, or without the right to do that",
        f"{_KEY}; let it read and trade, from the address of this machine",
    ),
    "permission": Cause(
        "does not let this API key do that",
        "Give the key the rights to read and to trade contracts (orders and positions) on the exchange's page of keys; no other is needed",
    ),
    "address": Cause(
        "takes this API key from other internet addresses only",
        "Add the address of this machine to the key, on the exchange's page of keys",
    ),
    "account": Cause(
        "has closed this account, or does not let it trade",
        "Ask the exchange's support; nothing here can change it",
    ),
    "account_type": Cause(
        "wants another type of account for that", "Upgrade to a unified trading account there"
    ),
    "market_of_key": Cause(
        "does not let this API key trade that market", "Add the market to the key, or name another one"
    ),
    "country": Cause(
        "does not serve the country of this machine's internet address, or this account's",
        "Take candles of another exchange, or a file with --candles; whether you may trade there is for its terms and your law to say",
        at_gate=True,
    ),
    "forbidden": Cause(
        "turns this machine away at its gateway: mostly for the country of its internet address, or a VPN's or data centre's",
        "See whether its web site opens from here; else take another exchange, or a file with --candles",
        at_gate=True,
    ),
    "proxy": Cause(
        "was not reached: a proxy on the way wants a login",
        "Set the proxy's address with its login, or none",
        at_gate=True,
    ),
    "banned": Cause(
        "has banned this machine's internet address", "Wait some hours, or ask the exchange's support"
    ),
    "rate": Cause(
        "is asked too often from here",
        "Wait as long as its own words say, else ten minutes; stop what else asks it from this address",
        passes=True,
    ),
    "clock": Cause(
        "finds the time of the request wrong: this machine's clock and its own differ",
        "Let the machine's clock be set over the network (NTP)",
    ),
    "funds": Cause(
        "says that the account has too little free margin",
        "Lower size_pct, or move money to the account that contracts are traded from",
    ),
    "symbol": Cause("knows no such market", "Write it as the exchange does"),
    "mode": Cause("says that the account is in hedge mode", "Set one-way mode for this market there"),
    "order": Cause(
        "does not take this order", "See its own words behind; price, size and margin are what it checks"
    ),
    "request": Cause(
        "does not take this request",
        "See its own words behind; if they say nothing to you, update this program",
    ),
    "gone": Cause("has nothing at that address: its interface has changed", "Update ccxt (`make setup`)"),
    "down": Cause("is down, or in maintenance", "Wait; its page of status says for how long", passes=True),
    "silent": Cause(
        "does not answer",
        "See whether this machine is online, and whether a firewall or proxy is on the way",
        passes=True,
    ),
    "tls": Cause(
        "cannot be talked to in secret: its certificate is not believed",
        "See whether this machine's clock is right, and whether a proxy on the way opens what is encrypted",
    ),
    "unreadable": Cause(
        "was asked, and what came is no answer of an exchange",
        "See whether a portal or proxy on the way wants a login; else update ccxt (`make setup`)",
    ),
    "unit": Cause(
        "does not tell the times of its candles in milliseconds",
        "Update ccxt (`make setup`), take another exchange, or a file with --candles: there the unit is seen by itself",
    ),
    "unknown": Cause("says no", "See its own words behind"),
}

#: By an exchange's own codes. ids of ccxt that begin alike are one exchange (binance, binanceusdm).
CODES = {
    "bybit": {
        "10002": "clock", "10003": "key", "10004": "secret", "10005": "permission", "10006": "rate", "10007": "key",
        "10008": "account", "10009": "banned", "10010": "address", "10016": "down", "10018": "rate", "10024": "country",
        "10027": "account", "10028": "account_type", "10029": "market_of_key", "33004": "expired", "100028": "account_type",
    },
    "binance": {
        "-1003": "rate", "-1015": "rate", "-1021": "clock", "-1022": "secret", "-2008": "key", "-2014": "key",
        "-2015": "key_or_rights",
    },
    "okx": {
        "50001": "down", "50011": "rate", "50061": "rate", "50100": "expired", "50101": "key", "50102": "clock", "50103": "key",
        "50105": "secret", "50110": "address", "50111": "key", "50112": "clock", "50113": "secret", "50114": "permission",
        "50119": "key", "50120": "permission", "51155": "country",
    },
}  # fmt: skip
#: By words in the answer, in this order; gateways and exchanges without codes have nothing else.
_WORDS = (
    (r"access too frequent|too many (requests|visits)|WAF limit|rate limit", "rate"),
    (
        r"from your country|country or region|restricted location|your (country|region|jurisdiction)|error code: 1009",
        "country",
    ),
    (r"local laws|regulatory restrictions", "country"),
    (r"position ?idx not match position mode", "mode"),
    (r"EAPI:Invalid signature", "secret"),
    (r'requires "\w+" credential', "no_key"),
)
#: By HTTP status, where it says more than the class that ccxt makes of it.
_STATUS = {
    401: "key", 403: "forbidden", 404: "gone", 407: "proxy", 410: "gone", 418: "rate", 429: "rate", 451: "country",
}  # fmt: skip
#: By the class of ccxt, or of what it was made of, the nearest first.
_CLASSES = {
    "SSLError": "tls", "TooManyRedirects": "unreadable", "ContentDecodingError": "unreadable", "BadResponse": "unreadable",
    "RestrictedLocation": "country",
    "AccountNotEnabled": "account_type", "PermissionDenied": "permission", "AccountSuspended": "account",
    "AuthenticationError": "key", "InsufficientFunds": "funds", "BadSymbol": "symbol", "BadRequest": "request",
    "NotSupported": "request", "InvalidOrder": "order", "OperationRejected": "order", "InvalidNonce": "clock",
    "RateLimitExceeded": "rate", "DDoSProtection": "rate", "ExchangeNotAvailable": "down", "RequestTimeout": "silent",
    "NetworkError": "silent", "BaseError": "unknown",
}  # fmt: skip
#: Where an exchange writes its code. Bybit's `code` stands for something else, deeper in an answer.
_CODE_KEYS = {"bybit": "retCode|ret_code", "binance": "code", "okx": "sCode|code"}


def cause_of(exchange: str, error: Exception) -> str:
    """The name of the cause, of CAUSES; `exchange` is ccxt's id."""
    text = str(error)
    for name, keys in _CODE_KEYS.items():
        for code in re.findall(rf'"(?:{keys})"\s*:\s*"?(-?\d+)', text) if exchange.startswith(name) else ():
            if code in CODES[name]:
                return CODES[name][code]
    if not _is_ccxt(error):  # ccxt stumbled over an answer, or gave up on the way to one
        return "unreadable"
    for words, name in _WORDS:
        if re.search(words, text, re.IGNORECASE):
            return name
    status = _status(error)
    if status in _STATUS or status >= 500:
        return _STATUS.get(status, "down")
    kinds = (kind.__name__ for kind in (*type(error.__cause__).__mro__, *type(error).__mro__))
    name = next(_CLASSES[kind] for kind in kinds if kind in _CLASSES)
    return "request" if status and name in ("unknown", "down") else name


def _status(error: Exception) -> int:
    """The HTTP status of the answer that ccxt made an error of, which its text does not always hold; 0 where there was none."""
    response = getattr(error.__context__, "response", None)
    return 0 if response is None else int(response.status_code)


def explained(exchange: str, error: Exception, redacted: Callable[[str], str] = str, asked: str = "") -> str:
    """The cause and the fix in our words, and ccxt's text behind: one printable line. `asked` names what was asked for."""
    cause = CAUSES[cause_of(exchange, error)]
    return (
        f"{exchange} {cause.words}. {cause.fix} ({asked}{': ' if asked else ''}{error_line(error, redacted)})"
    )


def error_line(error: Exception, redacted: Callable[[str], str] = str) -> str:
    """What an exchange's error says, in one printable line that is not too long.

    Where ccxt's text holds the exchange's answer, that is all that is kept: what ccxt adds, and its class, are guesses at the cause.
    """
    text = redacted(str(error))
    before, brace, answer = text.partition('{"')
    if brace and "<" not in before:
        text = brace + answer
    if not _is_ccxt(error):
        text = f"{type(error).__name__}: {text}"
    return visible(" ".join(text.split()))[:_TEXT_LENGTH]


def _is_ccxt(error: Exception) -> bool:
    # By name: importing ccxt takes a second, and whoever has such an error has paid it.
    return any(kind.__name__ == "BaseError" for kind in type(error).__mro__)
