"""The wire to Bybit: ccxt signs, paces and sends; every request is bounded in time, and what comes back is a result, a no, or unknown.

What would surprise: a time-out, a lost connection, a 5xx and an answer that cannot be read are all VenueUnknown, because the venue may
have done what was asked. A request is refused only if the venue says so in words that leave no doubt, if its gateway turned it away, or if
it never left this machine.
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

from runner.errors import ExchangeError, VenueRefused, VenueUnknown
from runner.exchange.keys import Keys
from runner.exchange.settings import ExchangeSettings
from runner.fetch.causes import CAUSES, cause_of, explained
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
        """The `result` of an answer. Raises VenueRefused (RequestNotSent where it had no effect) or VenueUnknown."""
        if self._clock_is_off:
            self._set_clock()
        try:
            return _result(self._run(lambda: getattr(self._exchange, method)(dict(request))))
        except VenueRefused:
            raise
        except CallTimeout:
            raise VenueUnknown(f"{method}: no answer in time") from None
        except Exception as error:  # ccxt raises whatever it stumbles over in an answer it cannot read
            raise self._outcome(method, error) from None

    def _outcome(self, method: str, error: Exception) -> ExchangeError:
        """What an error means for what was asked: refused, dropped, or nobody knows."""
        told = explained(self._exchange.id, error, self._redacted, method)
        if isinstance(error, ccxt.InvalidNonce):  # a NetworkError to ccxt, but the venue did nothing
            self._clock_is_off = True
            return RequestNotSent(told)
        if _DUPLICATE in str(error):
            return VenueUnknown(f"sent before: {told}")
        if isinstance(error, _REFUSALS) or CAUSES[cause_of(self._exchange.id, error)].at_gate:
            return VenueRefused(told)
        return VenueUnknown(told)

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
        except CallTimeout:
            raise RequestNotSent("the venue does not tell its time: no answer in time") from None
        except Exception as error:
            found = self._outcome("the venue's time", error)
            raise found if isinstance(found, VenueRefused) else RequestNotSent(str(found)) from None
        self._clock_is_off = False


def _result(answer: Any) -> dict[str, Any]:
    result = answer.get("result") if isinstance(answer, dict) else None
    if not isinstance(result, dict):
        raise ValueError("an answer without a result")
    return result
