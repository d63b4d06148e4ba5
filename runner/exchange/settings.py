"""What can be set of the exchange broker: `[exchange]` of ribbon.toml. Keys are not among it: see keys.py."""

from __future__ import annotations

from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, field_validator

from runner.trade.settings import Pct, Section


class ExchangeSettings(Section):
    """Where orders go and how much is risked. Nothing of it is used while `[trade] broker` is paper."""

    venue: Literal["bybit"] = Field(
        "bybit", description="Which exchange; the only one whose faults are tested."
    )
    network: Literal["testnet", "mainnet"] = Field(
        "testnet", description="Which of its networks; mainnet is real money."
    )
    symbol: str = Field(
        "", pattern=r"^([A-Z0-9]{4,30})?$", description="Linear perpetual as the venue spells it: ETHUSDT."
    )
    size_pct: Pct = Field(
        10.0, gt=0, le=100, description="Position value in percent of the equity; the rails cap it."
    )
    max_price_gap_pct: Pct = Field(
        0.3, gt=0, description="No entry where the chart's price and the venue's lie further apart, percent."
    )
    call_s: float = Field(2.0, gt=0, description="Longest wait for one request, seconds.")
    tick_s: float = Field(4.0, gt=0, description="Longest wait for all requests between two looks, seconds.")
    receive_window_ms: int = Field(
        5_000,
        ge=100,
        le=10_000,
        description="The venue drops a request that is older when it arrives, milliseconds.",
    )
    settle_s: float = Field(
        5.0,
        gt=0,
        description="Seconds after that window until an order that the venue does not know counts as never accepted.",
    )
    start_s: float = Field(
        60.0, gt=0, description="Longest wait for book and venue to be brought together at a start, seconds."
    )
    address: str = Field(
        "", description="Address of a stand-in for the venue on this machine; empty for the venue itself."
    )

    @field_validator("address")
    @classmethod
    def _is_here(cls, address: str) -> str:
        """A key must not go to a machine that only looks like the venue."""
        if address and urlsplit(address).hostname not in ("127.0.0.1", "localhost", "::1"):
            raise ValueError(
                "address is for a stand-in on this machine; leave it out to reach the venue itself"
            )
        return address
