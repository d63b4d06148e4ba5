"""The check of the exchange that is collected from."""

from __future__ import annotations

import pytest

from runner.collect.settings import CollectSettings
from runner.doctor.findings import Installation
from runner.doctor.machine import browser
from runner.doctor.venue import venue
from tests.fake_venue.server import running


def of(patient: Installation, **settings: object) -> Installation:
    from dataclasses import replace

    return replace(patient, collect=CollectSettings(source="exchange", **settings))


def test_of_a_chart_there_is_none(patient):
    assert (venue(patient()).state, venue(patient()).detail[:5]) == ("ok", "none:")


def test_of_an_exchange_no_browser_is_needed(patient):
    found = browser(of(patient()))
    assert found.state == "ok" and "not needed" in found.detail


@pytest.mark.serial
def test_an_exchange_that_answers_refuses_or_has_another_clock(patient):
    with running() as server:
        asked = of(patient(ask_network=True), exchange_address=server.address, symbol="ETH/USDT")
        assert venue(asked).state == "ok"
        assert "binance tells ETH/USDT" in venue(asked).detail
        server.faults.clock_off_s = 40.0
        assert venue(asked).state == "warn" and "NTP" in venue(asked).fix
        server.faults.status, server.faults.body = 403, "no"
        assert venue(asked).state == "fail" and "gateway" in venue(asked).detail


def test_offline_nobody_is_asked(patient):
    found = venue(of(patient(ask_network=False), exchange_address="http://127.0.0.1:9"))
    assert found.state == "ok" and "not asked" in found.detail
