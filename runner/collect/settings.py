"""What a collector needs to know: from where, as which market, how often; of a chart, in which browser.

The chart's market has two names: `symbol` is what the data folder calls it, `page_symbol` what the chart page shows. Of an exchange
`symbol` may be ETH/USDT or ETHUSDT; in the folder it is `market`, without the slash, as after `ribbon backfill`.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator

from lib.contract import schema
from lib.contract.standing import expanded
from lib.foreign.market_name import given_market

#: In a chart address: replaced by the chart's candle length in minutes.
_INTERVAL_PLACE = "{interval}"


class CollectSettings(BaseModel):
    """All settings of `ribbon collect`; times in seconds."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    source: Literal["chart", "exchange"] = Field(
        "chart",
        description="Where samples and candles come from: a chart page in a browser, or an exchange's public candles.",
    )
    exchange: str = Field(
        "binance",
        description="The exchange to collect from, as ccxt names it; used where `source` is exchange. No key is read.",
    )
    exchange_address: str = Field(
        "",
        description="Address of a stand-in for that exchange on this machine, e.g. http://127.0.0.1:8123; empty for the exchange itself.",
    )
    url: str = Field(
        "https://www.tradingview.com/chart/",
        description="Address of the chart page. `{interval}` in it becomes 5 or 15; without it, `interval=` is added to the query.",
    )
    url_15min: str = Field(
        "", description="Address of the 15-minute chart where it is another layout; empty: made from `url`."
    )
    symbol: str = Field(
        "ETHUSDT",
        min_length=1,
        description="The market as the data folder's `symbol` column names it; of an exchange also as it writes it, ETH/USDT.",
    )
    page_symbol: str = Field(
        "",
        description="The market as the chart shows it, e.g. BINANCE:ETHUSDT; without an exchange any is taken. Empty: `symbol`.",
    )
    timeframes: tuple[str, ...] = Field(
        schema.RIBBON_TIMEFRAMES, min_length=1, description="Charts to read: 5min, 15min or both."
    )
    study: str = Field(
        "", description="Take lines only from studies whose title begins so; empty: from every study."
    )
    periods: tuple[int, ...] = Field(
        (),
        description="Lines (MMA<n>) a new file gets; empty: those the chart shows once it has settled. A file keeps its own.",
    )
    check_venue: bool = Field(
        True,
        description="Compare the fastest line with the price. Switch it off for lines that are no EMA of the close.",
    )
    beat_s: float = Field(10.0, gt=0, le=60, description="Seconds from one reading to the next.")
    browser: Path | None = Field(
        None, description="Chrome or Chromium; empty: found on the PATH or in the usual places."
    )
    driver: Path | None = Field(
        None, description="chromedriver; empty: found on the PATH, else fetched by Selenium Manager."
    )
    profile: Path = Field(
        Path("~/.local/share/ribbon-lab/browser"),
        description="Folder of the browser's kept profile. It holds the login: keep it out of the repository.",
    )
    headless: bool = Field(False, description="Without a window. A person logs in once with a window.")
    window: tuple[int, int] = Field((1600, 900), description="Width and height of each window in pixels.")
    start_timeout_s: float = Field(20.0, gt=0, description="Longest start of a browser, seconds.")
    command_timeout_s: float = Field(
        5.0,
        gt=0,
        le=10,
        description="Longest answer of a page, seconds; after that the browser is replaced.",
    )
    reload_after_s: float = Field(
        60.0, gt=0, description="A page without a readable chart for so many seconds is loaded again."
    )
    restart_wait_s: float = Field(
        10.0, gt=0, description="Pause between two attempts to start a browser that does not start, seconds."
    )

    @field_validator("timeframes")
    @classmethod
    def _known_timeframes(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        unknown = [name for name in value if name not in schema.RIBBON_TIMEFRAMES]
        if unknown or len(set(value)) != len(value):
            raise ValueError(f"each of {', '.join(schema.RIBBON_TIMEFRAMES)} at most once")
        return value

    @field_validator("exchange")
    @classmethod
    def _exchange_name(cls, value: str) -> str:
        if not re.fullmatch(r"[a-z0-9_]+", value):
            raise ValueError(
                "an exchange is named as ccxt does, in small letters without spaces, e.g. binance"
            )
        return value

    @field_validator("url", "url_15min")
    @classmethod
    def _web_address(cls, value: str) -> str:
        if value and urlsplit(value).scheme not in ("http", "https"):
            raise ValueError("an address begins with https:// or http://")
        return value

    @field_validator("exchange_address")
    @classmethod
    def _stands_here(cls, value: str) -> str:
        parts = urlsplit(value)
        if value and (
            parts.scheme not in ("http", "https") or parts.hostname not in ("127.0.0.1", "localhost", "::1")
        ):
            raise ValueError(
                "it is for a stand-in on this machine, http://127.0.0.1:…; leave it out to reach the exchange itself"
            )
        return value.rstrip("/")

    @property
    def market(self) -> str:
        """The market as the data folder names it; what an exchange writes ETH/USDT is named as by `ribbon backfill`."""
        return given_market(self.symbol) if self.source == "exchange" else self.symbol

    @property
    def shown_symbol(self) -> str:
        """The market as the chart page names it."""
        return self.page_symbol or self.symbol

    @property
    def profile_folder(self) -> Path:
        """The profile's folder, `~` resolved."""
        return expanded(self.profile).absolute()

    def chart_url(self, timeframe: str) -> str:
        """The address of the chart of one timeframe."""
        minutes = str(schema.MINUTES[timeframe])
        if timeframe == "15min" and self.url_15min:
            return self.url_15min.replace(_INTERVAL_PLACE, minutes)
        if _INTERVAL_PLACE in self.url:
            return self.url.replace(_INTERVAL_PLACE, minutes)
        parts = urlsplit(self.url)
        query = [(name, value) for name, value in parse_qsl(parts.query) if name != "interval"]
        return urlunsplit(parts._replace(query=urlencode([*query, ("interval", minutes)])))
