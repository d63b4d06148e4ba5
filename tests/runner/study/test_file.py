"""STUDY.toml: what is taken, and what a mistake is told, with its line."""

from __future__ import annotations

import pytest

from lib.errors import MissingDataError
from lib.market.terms import DEFAULT_TERMS
from lib.paths import repository_root
from runner.errors import ConfigError
from runner.study.file import Market, Period, StudyFile, read_study, study_terms

PLAIN = 'questions = ["a.py"]\n\n[[markets]]\ncandles = "x.csv"\n'


def read(tmp_path, text: str, name: str = "my.toml"):
    place = tmp_path / name
    place.write_text(text, encoding="utf-8")
    return read_study(place)


def test_a_plain_one_is_named_after_its_file(tmp_path):
    found = read(tmp_path, PLAIN, "Four-Markets.toml")
    assert (found.name, found.confirm, found.terms, found.periods) == ("four-markets", False, [], [])
    assert read(tmp_path, 'name = "other"\n' + PLAIN).name == "other"


def test_all_of_it(tmp_path):
    more = (
        '[[markets]]\nfolder = "data"\n[[markets]]\nexchange = "binance"\nsymbol = "ETH/USDT"\nsince = "2025-05-01T00:00:00Z"\n'
        '[[terms]]\nname = "wide"\ntarget_pct = 1\n[[periods]]\nname = "may"\n'
        'since = "2025-05-01T00:00:00Z"\nuntil = "2025-06-01T00:00:00Z"\n'
    )
    found = read(tmp_path, PLAIN + more)
    assert [market.words() for market in found.markets] == ["x.csv", "data", "binance ETH/USDT"]
    assert found.terms[0].model_extra == {"target_pct": 1} and found.periods[0].name == "may"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("questions = [", "cannot be read"),
        ('questions = ["a.py"]\n', "markets: it must be there, and is not. Write a line [[markets]]"),
        ("conform = true\n" + PLAIN, "line 1: conform: Extra inputs are not permitted (it says True); known are name, confirm"),
        ('confirm = "yes"\n' + PLAIN, "line 1: confirm: Input should be a valid boolean (it says 'yes'); write true or false"),
        (PLAIN + '\n[[terms]]\nname = "cheap"\nfee = 0.02\n', "line 8: terms.0: fee is no setting of terms; known are fee_pct"),
        (PLAIN.replace('["a.py"]', '"a.py"'), """line 1: questions: Input should be a valid list (it says 'a.py'); write a list: ["…"]"""),
        (PLAIN + '\n[[markets]]\nfile = "y"\n', "line 7: markets.1.file: Extra inputs are not permitted (it says 'y'); known are candles"),
        (PLAIN + '\n[[markets]]\ncandles = "y"\nfolder = "z"\n', "line 6: markets.1: a market has exactly one of candles"),
        (PLAIN + '[[markets]]\nexchange = "okx"\n', "exchange needs symbol"),
        (PLAIN + '[[markets]]\nfolder = "z"\nsymbol = "X"\n', "symbol goes with candles or exchange"),
        (PLAIN + '[[markets]]\nfolder = "z"\nsince = "X"\n', "[[periods]] say what is asked of"),
        (PLAIN + '[[periods]]\nname = "A b"\n', "line 6: periods.0.name: String should match pattern"),
        (PLAIN + '[[periods]]\nname = "a"\nsince = "yesterday"\n', "'yesterday' is not a time"),
        (PLAIN + '[[periods]]\nname = "a"\n[[periods]]\nname = "a"\n', "two have one name: a, a"),
        (
            PLAIN + '[[periods]]\nname = "a"\nsince = "2025-05-02"\nuntil = "2025-05-01T00:00:00Z"\n',
            "is not before until",
        ),
        ("confirm = true\n" + PLAIN + '[[periods]]\nname = "a"\n', "one [[terms]] at most, and no [[periods]]"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_line(tmp_path, text, told):
    with pytest.raises(ConfigError) as raised:
        read(tmp_path, text)
    assert told in str(raised.value) and "my.toml" in str(raised.value)


@pytest.mark.parametrize(
    ("terms", "told"),
    [
        ('[[terms]]\nname = "cheap"\nfee_pct = "0.02 %"\n', "line 8: terms.0.fee_pct: Input should be a valid number"),
        ('[[terms]]\nname = "a"\n\n[[terms]]\nname = "b"\nfee_pct = -1\n', "line 11: terms.1.fee_pct: Input should be greater"),
        ('[[terms]]\nname = "far"\nstop_pct = 3\n', "line 6: terms.0: stop_pct 3 is not within min_stop_pct 0.05 and max_stop_pct 1"),
    ],
)  # fmt: skip
def test_a_value_that_makes_no_terms_is_told_with_its_line(tmp_path, terms, told):
    found = read(tmp_path, f"{PLAIN}\n{terms}")
    with pytest.raises(ConfigError) as raised:
        study_terms(found, tmp_path / "my.toml", DEFAULT_TERMS)
    assert f"{tmp_path / 'my.toml'}, {told}" in str(raised.value)


def test_no_file_and_no_name(tmp_path):
    with pytest.raises(MissingDataError, match="there is no such file"):
        read_study(tmp_path / "none.toml")
    with pytest.raises(ConfigError, match="is no name of a study"):
        read(tmp_path, PLAIN, "my study.toml")


def test_the_guides_study_is_one_and_its_table_has_every_key(tmp_path):
    guide = (repository_root() / "docs/guide/studies.md").read_text(encoding="utf-8")
    found = read(tmp_path, guide.partition("```toml\n")[2].partition("```")[0])
    assert [market.words() for market in found.markets] == [
        "ETHUSDT_5m.csv",
        "trading_data",
        "binance SOL/USDT",
    ]
    table = guide.partition("| key | meaning |")[2].partition("\n\n")[0]
    keys = {*StudyFile.model_fields, *Market.model_fields, *Period.model_fields}
    assert {key for key in keys if f"`{key}`" not in table and f"`[[{key}]]`" not in table} == set()
