"""The wire to Bybit: ccxt signs, paces and sends; every request is bounded in time, and what comes back is a result, a no, or unknown.

What would surprise: a time-out, a lost connection, a 5xx and an answer that cannot be read are all VenueUnknown, because the venue may
have done what was asked. A request is refused only if the venue says so in words that leave no doubt, or if it never left this machine.
Nothing is sent again by itself. The venue drops a request that arrives later than the receive window, so that none of them takes effect
much later.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import ccxt

from runner.errors import VenueRefused, VenueUnknown
from runner.exchange.keys import Keys
from runner.exchange.settings import ExchangeSettings
from runner.fetch.candles import error_line
from runner.processes.bounded import BoundedCalls, CallTimeout

#: Answers after which nothing was done. What is not among them may have been done.
_REFUSALS = (
    ccxt.AuthenticationError,
    ccxt.InsufficientFunds,
    ccxt.InvalidOrder,
    ccxt.InvalidNonce,
    ccxt.BadRequest,
)
#: "OrderLinkedID is duplicate": the order is there, sent before.
_DUPLICATE = "110072"


class RequestNotSent(VenueRefused):
    """The request never left, or was dropped because of its stamp: it had no effect, and may be asked again."""


class Wire:
    """Requests of one account."""

    def __init__(self, settings: ExchangeSettings, keys: Keys) -> None:
        # Its debug lines hold the headers of each request, the key among them.
        logging.getLogger("ccxt.base.exchange").setLevel(logging.INFO)
        self._redacted, self._call_s = keys.redacted, settings.call_s
        self._exchange = ccxt.bybit(
            {
                "apiKey": keys.key.get_secret_value(),
                "secret": keys.secret.get_secret_value(),
                "enableRateLimit": True,
                "timeout": int(settings.call_s * 800),  # gives up by itself, before it is left behind
                "options": {"recvWindow": settings.receive_window_ms},
            }
        )
        if settings.network == "testnet":
            self._exchange.set_sandbox_mode(True)
        if settings.address:
            self._exchange.urls["api"] = dict.fromkeys(self._exchange.urls["api"], settings.address)
        self._bounded = BoundedCalls("ask-venue")
        self._until = float("inf")
        self._clock_is_off = True

    @property
    def busy(self) -> bool:
        """Whether an earlier request is still out; it may still take effect."""
        return self._bounded.busy

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """All requests inside together take at most so long; later ones are not asked."""
        self._until = time.monotonic() + seconds
        yield

    def ask(self, method: str, request: Mapping[str, object]) -> dict[str, Any]:
        """The `result` of an answer. Raises VenueRefused (NotAsked where it never left) or VenueUnknown."""
        if self._clock_is_off:
            self._set_clock()
        try:
            answer = self._run(lambda: getattr(self._exchange, method)(dict(request)))
        except VenueRefused:
            raise
        except ccxt.InvalidNonce as error:  # before NetworkError, of which it is one: the venue did nothing
            self._clock_is_off = True
            raise RequestNotSent(
                f"this machine's clock and the venue's differ: {self._words(error)}"
            ) from None
        except _REFUSALS as error:
            if _DUPLICATE in str(error):
                raise VenueUnknown(f"{method}: sent before: {self._words(error)}") from None
            raise VenueRefused(f"{method}: {self._words(error)}") from None
        except CallTimeout:
            raise VenueUnknown(f"{method}: no answer in time") from None
        except Exception as error:  # ccxt raises whatever it stumbles over in an answer it cannot read
            raise VenueUnknown(f"{method}: {self._words(error)}") from None
        result = answer.get("result") if isinstance(answer, dict) else None
        if not isinstance(result, dict):
            raise VenueUnknown(f"{method}: an answer without a result")
        return result

    def _run(self, called: Any) -> Any:
        left = min(self._call_s, self._until - time.monotonic())
        if self.busy or left <= 0:
            raise RequestNotSent("not asked: an earlier request is still out, or the time is used up")
        return self._bounded.run(called, left)

    def _set_clock(self) -> None:
        """Learn the difference of the clocks, which stamps are corrected by."""
        try:
            self._run(self._exchange.load_time_difference)
        except VenueRefused:
            raise
        except Exception as error:
            raise RequestNotSent(f"the venue does not tell its time: {self._words(error)}") from None
        self._clock_is_off = False

    def _words(self, error: Exception) -> str:
        return self._redacted(error_line(error))
