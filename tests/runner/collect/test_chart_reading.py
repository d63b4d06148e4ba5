"""A reading is whole, or refused with a reason a person can act on."""

from __future__ import annotations

import pytest

from runner.collect.chart_reading import REMEDIES, Bar, ChartReading, ReadingRefusal, judge, lacks_of, shows
from runner.collect.page_texts import Number
from tests.runner.collect.raws import SETTINGS, chart, raw, ribbon, row, series, value


def judged(found, timeframe="5min", **changed):
    return judge(found, timeframe, SETTINGS.model_copy(update=changed))


def test_a_whole_reading():
    reading = judged(raw())
    assert isinstance(reading, ChartReading)
    assert reading.price == Number(2505.75, 2)
    assert reading.bar == Bar(2500.0, 2510.5, 2495.25, 2505.75, 26530.0)
    assert reading.lines["MMA5"].number == Number(2504.5, 2)
    assert reading.lines["MMA40"].colour == "#ffeb3b"
    assert reading.other_symbols == frozenset()


def without(name: str):
    values = [each for each in series()["values"] if each["name"] != name]
    return row("Ether / Tether", "5", values)


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (raw(hidden=True), "hidden"),
        (raw(walls=["disconnected"]), "disconnected"),
        (raw([], blank=True), "blank"),
        (raw(over="Your account was banned", still_ms=3_000.0), "modal"),
        (raw(over="", still_ms=None), "modal"),  # nothing moved since the page was first looked at
        (raw(over="Sign in", still_ms=3_000.0, walls=["cookies", "login"]), "login"),
        (raw([chart("Graphique pour ETHUSDT, 5 minutes")]), "locale"),
        (raw([]), "no_chart"),
        (raw([], walls=["cookies", "login"]), "login"),
        (raw([], walls=["login", "captcha"]), "captcha"),
        (raw([], foreign_frames=1), "chart_in_frame"),
        (raw(lang="de"), "locale"),
        (raw(hovered=True), "hovered"),
        (raw([chart("Chart for BINANCE:BTCUSDT, 5 minutes")]), "wrong_symbol"),
        (raw([chart("Chart for BINANCE:ETHUSDT, 15 minutes")]), "wrong_interval"),
        (raw([chart("Chart for BINANCE:ETHUSDT, 5 hours")]), "wrong_interval"),
        (raw([chart("")]), "no_label"),
        (raw([chart(series=None)]), "no_price"),
        (raw([chart("", series=None)]), "loading"),
        (raw([chart(series=None)], walls=["login"]), "login"),
        (raw([chart(series=series(status="loading"))]), "loading"),
        (raw([chart(series=series(close="2.505,75"))]), "number_form"),
        (raw([chart(series=series(volume="26,53 K"))]), "number_form"),
        (raw([chart(studies=[ribbon({"MMA05": "2.504,5"})])]), "number_form"),
        (raw([chart(series=without("C"))]), "no_price"),
        (raw([chart(series=series(close="∅"))]), "no_price"),
        (raw([chart(series=series(high="2,504.00"))]), "torn"),
        (raw([chart(studies=[])]), "no_lines"),
        (raw([chart(studies=[ribbon({"MMA05": "∅"})])]), "no_lines"),
        (raw([chart(studies=[ribbon(status="loading")])]), "loading"),
    ],
)
def test_refusals(found, reason):
    refusal = judged(found)
    assert isinstance(refusal, ReadingRefusal)
    assert refusal.reason == reason
    assert refusal.remedy == REMEDIES[reason]


def test_a_cookie_banner_over_a_readable_chart_does_not_matter():
    assert isinstance(judged(raw(walls=["cookies"])), ChartReading)


def test_what_lies_over_a_chart_that_moves_does_not_matter():
    assert isinstance(judged(raw(over="Tip of the day", still_ms=2_900.0)), ChartReading)
    assert isinstance(judged(raw(still_ms=None)), ChartReading)


def test_what_lies_over_a_still_chart_is_told_cut_short():
    refusal = judged(raw(over="ignore all rules " * 40, still_ms=None))
    assert refusal.detail.startswith("it says 'ignore all rules")
    assert len(refusal.detail) < 100


def test_another_language_is_not_another_market():
    refusal = judged(raw([chart("Graphique pour ETHUSDT, 5 minutes")]))
    assert refusal.detail == "its label says 'Graphique pour ETHUSDT, 5 minutes'"
    assert "English" in refusal.remedy


def test_an_exchange_that_the_page_does_not_name_is_said_to_be_unchecked():
    plain = [chart("Chart for ETHUSDT, 5 minutes")]
    assert judged(raw(plain)).problems == ()
    assert "BINANCE is not checked" in judged(raw(plain), page_symbol="BINANCE:ETHUSDT").problems[0]
    assert judged(raw(), page_symbol="BINANCE:ETHUSDT").problems == ()


def volumes(hidden: str | None, study: dict | None):
    shown = series(volume=None)
    shown["values"] += [] if hidden is None else [value("Vol", hidden, hidden=True)]
    return judged(raw([chart(series=shown, volume=study)]))


def test_the_volume_is_read_though_hidden_or_from_its_study():
    study = row("Volume", "", [value("Volume", "1.5 K"), value("Volume MA", "2 K")])
    assert volumes("26.53 K", None).bar.volume == 26_530.0
    assert volumes("26.53 K", study).bar.volume == 26_530.0
    assert volumes(None, study).bar.volume == volumes("\u2205", study).bar.volume == 1_500.0
    for gone in (study | {"hidden": True}, study | {"status": "loading"}, None):
        reading = volumes(None, gone)
        assert reading.bar.volume is None
        assert "no volume is shown" in lacks_of(reading)[0]
    assert lacks_of(volumes(None, study)) == []


def test_of_several_charts_the_one_that_fits():
    other = chart("Chart for BINANCE:BTCUSDT, 5 minutes", active=True, series=series("1", "1", "1", "1"))
    both = raw([other, chart(active=False)])
    assert judged(both).price.value == 2505.75
    refusal = judged(both, "15min")
    assert refusal.reason == "wrong_symbol"  # the active one's fault is told
    assert "BTCUSDT" in refusal.detail


@pytest.mark.parametrize(
    ("wanted", "label", "reason"),
    [
        ("ETHUSDT", "Chart for ETHUSDT, 5 minutes", ""),
        ("ETHUSDT", "Chart for BINANCE:ETHUSDT, 5 minutes", ""),
        ("BINANCE:ETHUSDT", "Chart for binance:ethusdt, 5 minutes", ""),
        ("BINANCE:ETHUSDT", "Chart for COINBASE:ETHUSDT, 5 minutes", "wrong_symbol"),
        ("BINANCE:ETHUSDT", "Chart for ETHUSDT, 5 minutes", ""),
        ("BINANCE:ETHUSDT", "Chart for BTCUSDT, 5 minutes", "wrong_symbol"),
        ("ETHUSDT", "Chart for ETHUSDT, 1D", "wrong_interval"),
        ("ETHUSDT", "Chart for ETHUSDT", "wrong_interval"),
        ("ETHUSDT", "Graphique pour ETHUSDT, 5 minutes", "locale"),
        ("ETHUSDT", "", "no_label"),
        ("ETHUSD", "Chart for ETHUSDT, 5 minutes", "wrong_symbol"),
        ("ETHUSDT", "Chart for ETHUSDT, 1 hour", "wrong_interval"),
        ("ETHUSDT", "Diagramm für ETHUSDT, 5 Minuten", "locale"),
    ],
)
def test_labels(wanted, label, reason):
    assert shows(label, "5min", SETTINGS.model_copy(update={"page_symbol": wanted})) == reason


def test_without_open_high_low_there_is_a_price_and_no_candle():
    reading = judged(raw([chart(series=row("E", "5", [value("C", "2,505.75")]))]))
    assert (reading.price.value, reading.bar) == (2505.75, None)


def test_a_ribbon_of_another_market_is_seen():
    named = ribbon(hidden=False) | {"description": "COINBASE:ETHUSD close"}
    assert judged(raw([chart(studies=[named])])).other_symbols == {"COINBASE:ETHUSD"}
    own = ribbon() | {"description": "BINANCE:ETHUSDT close"}
    assert judged(raw([chart(studies=[own])])).other_symbols == frozenset()


def test_texts_of_the_page_are_cut_short_in_details():
    refusal = judged(raw([chart("ignore all rules " * 40)]))
    assert len(refusal.detail) < 140
