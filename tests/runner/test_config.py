"""One configuration: environment over .env over file over defaults; what is misspelt or secret is refused with its place."""

from __future__ import annotations

import json
import os

import pytest
from pydantic import BaseModel, ConfigDict, SecretStr
from typer.testing import CliRunner

from lib.market.terms import Terms
from runner.cli import app
from runner.config import SECTIONS as SECTIONS_OF_THE_PROGRAM
from runner.config import config_path, load_config
from runner.config_moved import MOVED
from runner.config_secrets import refuse_secrets
from runner.errors import ConfigError


class Inner(BaseModel):
    model_config = ConfigDict(extra="forbid")
    limit: float = 1.5
    names: tuple[str, ...] = ()


class Room(BaseModel):
    model_config = ConfigDict(extra="forbid")
    count: int = 3
    key: SecretStr = SecretStr("")
    inner: Inner = Inner()


SECTIONS = {"room": f"{__name__}:Room"}


@pytest.fixture(autouse=True)
def only_ours(monkeypatch):
    for name in list(os.environ):
        if name.upper().startswith("RIBBON_"):
            monkeypatch.delenv(name)


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A file of the given text; the sections of this test's own room."""
    import sys

    monkeypatch.setitem(sys.modules, __name__, sys.modules.get(__name__) or type(sys)(__name__))
    monkeypatch.setattr(sys.modules[__name__], "Room", Room, raising=False)

    def write(text: str, dotenv: str = ""):
        (tmp_path / ".env").write_text(dotenv, encoding="utf-8")
        path = tmp_path / "ribbon.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_without_a_file_the_defaults_are_in_force(tmp_path):
    config = load_config(tmp_path / "none.toml")
    assert config.section("trade").rails.min_confidence == 0.75
    assert config.origins == {}


def test_environment_goes_over_dotenv_over_file_over_default(place, monkeypatch):
    path = place(
        "[room]\ncount = 4\n[room.inner]\nlimit = 2.0\nnames = ['a']\n",
        "RIBBON_ROOM__INNER__LIMIT=3\nRIBBON_ROOM__COUNT=5\nOTHER=1\n",
    )
    monkeypatch.setenv("RIBBON_ROOM__COUNT", "6")
    config = load_config(path, SECTIONS)
    room = config.section("room")
    assert (room.count, room.inner.limit, room.inner.names) == (6, 3.0, ("a",))
    assert config.origins == {
        "room.count": "environment RIBBON_ROOM__COUNT",
        "room.inner.limit": f"{path.with_name('.env')} RIBBON_ROOM__INNER__LIMIT",
        "room.inner.names": f"{path}, line 5",
    }


@pytest.mark.parametrize(
    ("text", "line", "nearest"),
    [
        ("[room]\ncount = 4\ncuont = 5\n", 3, "room.count"),
        ("\n[room.iner]\nlimit = 1\n", 2, "room.inner"),
        ("[rom]\n", 1, "room"),
        ("[room]\n# limit = 9\ninner.limti = 1\n", 3, "room.inner.limit"),
    ],
)
def test_an_unknown_key_is_refused_with_line_and_nearest_name(place, text, line, nearest):
    path = place(text)
    with pytest.raises(
        ConfigError, match=f"line {line}: unknown key .*; the nearest is {nearest}$"
    ) as caught:
        load_config(path, SECTIONS)
    assert str(path) in str(caught.value)
    assert caught.value.exit_code == 12


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("count = 4\n", r"line 1: unknown key count; count belongs under \[room\]$"),
        ("[room]\nlimit = 1\n", r"line 2: unknown key room\.limit; limit belongs under \[room\.inner\]$"),
    ],
)
def test_a_key_outside_its_table_is_told_with_the_table(place, text, told):
    with pytest.raises(ConfigError, match=told):
        load_config(place(text), SECTIONS)


@pytest.mark.parametrize("name", ["RIBBON_ROOM__INNER__LIMTI", "RIBBON_ROMO__COUNT"])
def test_an_unknown_variable_is_refused(place, monkeypatch, name):
    monkeypatch.setenv(name, "1")
    with pytest.raises(ConfigError, match=name):
        load_config(place(""), SECTIONS)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("RIBBON_ROOM_COUNT", "RIBBON_ROOM__COUNT"),
        ("RIBBON_ROOM_INNER_LIMIT", "RIBBON_ROOM__INNER__LIMIT"),
        ("ribbon_room_key", "RIBBON_ROOM__KEY"),
    ],
)
def test_a_variable_with_one_sign_where_two_belong_is_refused(place, monkeypatch, name, meant):
    with pytest.raises(ConfigError, match=rf"\.env {name.upper()}: .*; the nearest is {meant}$"):
        load_config(place("", f"{name}=sk-canary\n"), SECTIONS)
    monkeypatch.setenv(name, "sk-canary")
    with pytest.raises(ConfigError, match=rf"^environment {name.upper()}: .*; the nearest is {meant}$"):
        load_config(place(""), SECTIONS)


def test_names_of_their_own_are_no_settings(tmp_path, monkeypatch):
    for name in (
        "RIBBON_EXCHANGE_KEY",
        "RIBBON_EXCHANGE_SECRET",
        "RIBBON_TRADING_DATA",
        "RIBBON_LIVE_ACCOUNT",
    ):
        monkeypatch.setenv(name, "x")
    load_config(tmp_path / "ribbon.toml")


def test_an_unknown_key_in_dotenv_is_refused(place):
    with pytest.raises(ConfigError, match=r"\.env RIBBON_ROOM__COUTN: unknown key"):
        load_config(place("", "RIBBON_ROOM__COUTN=1\n"), SECTIONS)


def test_a_secret_in_the_file_is_refused_and_never_shown(place, monkeypatch):
    path = place("[room]\nkey = 'sesame'\n")
    with pytest.raises(ConfigError, match=r"line 2: room\.key is a secret") as caught:
        load_config(path, SECTIONS)
    assert "sesame" not in str(caught.value)
    monkeypatch.setenv("RIBBON_ROOM__KEY", "sesame")
    config = load_config(place(""), SECTIONS)
    assert config.section("room").key.get_secret_value() == "sesame"
    assert config.values()["room.key"] == "********"
    assert "sesame" not in repr(config)


@pytest.mark.parametrize(
    ("written", "told"),
    [
        (
            "ANTHROPIC_API_KEY = 'sesame'",
            r"line 1: ANTHROPIC_API_KEY is .*; set ANTHROPIC_API_KEY or RIBBON_CLAUDE__API_KEY in",
        ),
        (
            "[exchange]\nsecret = 'sesame'",
            r"line 2: exchange\.secret is a secret .*; set RIBBON_EXCHANGE_SECRET in",
        ),
        ("[exchange]\napi_key = 'sesame'", r"line 2: exchange\.api_key is .*; set RIBBON_EXCHANGE_KEY in"),
        (
            "[trade.live]\napi_secret = 'sesame'",
            r"line 2: trade\.live\.api_secret is .*; set RIBBON_EXCHANGE_SECRET in",
        ),
        (
            "[notify]\ntelegram_token = 'sesame'",
            r"line 2: notify\.telegram_token is .*; set RIBBON_NOTIFY__URLS in",
        ),
        (
            "api_key = 'sesame'",
            r"line 1: api_key is .*; set RIBBON_EXCHANGE_KEY or ANTHROPIC_API_KEY or RIBBON_CLAUDE__API_KEY in",
        ),
        (
            "[claude]\nkey = 'sesame'",
            r"line 2: claude\.key is .*; set ANTHROPIC_API_KEY or RIBBON_CLAUDE__API_KEY in",
        ),
        (
            "[Exchange]\npassword = 'sesame'",
            r"line 2: Exchange\.password is .*; set RIBBON_EXCHANGE_KEY or RIBBON_EXCHANGE_SECRET in",
        ),
    ],
)
def test_a_secret_in_the_file_is_told_as_that_whatever_it_is_called_there(place, written, told):
    """The nearest setting was named for it, or another table of the file."""
    with pytest.raises(ConfigError, match=told) as caught:
        load_config(place(f"{written}\n"))
    assert "sesame" not in str(caught.value)


@pytest.mark.parametrize(
    ("keys", "meant"),
    [
        (("inn", "my_key"), "INN_KEY or INN_SPARE_KEY"),  # of that table both that end so
        (("inn", "key"), "INN_KEY"),  # its own name, though another ends so
        (("yard", "my_key"), "INN_KEY or INN_SPARE_KEY or BARN_KEY"),  # of no table all that end so
        (("yard", "Barn_Key"), "BARN_KEY"),
        (("yard", "a_password"), "INN_KEY or INN_SPARE_KEY or INN_WORD or BARN_KEY"),
    ],
)
def test_where_several_variables_end_in_the_same_word_all_that_may_be_meant_are_named(tmp_path, keys, meant):
    variables = {
        ("inn", "key"): "INN_KEY",
        ("inn", "spare_key"): "INN_SPARE_KEY",
        ("inn", "word"): "INN_WORD",
        ("barn", "key"): "BARN_KEY",
    }
    table, name = keys
    text = f"[{table}]\n{name} = 'sesame'\n"
    with pytest.raises(ConfigError) as caught:
        refuse_secrets({table: {name: "sesame"}}, variables, tmp_path / "r.toml", text)
    assert f"line 2: {table}.{name} is a secret" in str(caught.value)
    assert f"; set {meant} in the environment or in " in str(caught.value)


def test_who_logs_in_at_an_address_and_its_query_are_not_shown(place):
    path = place("[room.inner]\nnames = ['https://me:ses@me@proxy.example:9/v1?interval=5', 'me@home']\n")
    config = load_config(path, SECTIONS)
    assert config.values()["room.inner.names"] == [
        "https://********@proxy.example:9/v1?********",
        "me@home",
    ]
    assert config.section("room").inner.names[0].startswith("https://me:")


def test_a_secret_goes_by_its_plain_name_too(place, monkeypatch):
    monkeypatch.setattr("runner.config.PLAIN_NAMES", {("room", "key"): "SESAME_KEY"})
    config = load_config(place("", "SESAME_KEY=from-file\n"), SECTIONS)
    assert config.section("room").key.get_secret_value() == "from-file"
    assert config.origins["room.key"].endswith(".env SESAME_KEY")
    monkeypatch.setenv("SESAME_KEY", "plain")
    assert load_config(place(""), SECTIONS).section("room").key.get_secret_value() == "plain"
    monkeypatch.setenv("RIBBON_ROOM__KEY", "")
    assert load_config(place(""), SECTIONS).section("room").key.get_secret_value() == "plain"
    monkeypatch.setenv("RIBBON_ROOM__KEY", "own")
    config = load_config(place("", "SESAME_KEY=from-file\n"), SECTIONS)
    assert config.section("room").key.get_secret_value() == "own"
    assert config.origins["room.key"] == "environment RIBBON_ROOM__KEY"


def test_a_value_that_does_not_fit_is_refused_without_being_shown(place):
    path = place("[room]\n\ncount = 'sesame'\n")
    with pytest.raises(ConfigError, match=r"line 3: room.count: Input should be a valid integer") as caught:
        load_config(path, SECTIONS)
    assert "sesame" not in str(caught.value)


def test_no_toml_is_refused(place):
    with pytest.raises(ConfigError, match="cannot be read"):
        load_config(place("[room\n"), SECTIONS)


@pytest.mark.parametrize("text", ["x = " + "[" * 5_000, "x = " + "9" * 5_000, "x = 1\nx = 2\n"])
def test_what_no_toml_can_hold_is_refused(place, text):
    with pytest.raises(ConfigError, match=r"ribbon.toml cannot be read: "):
        load_config(place(text), SECTIONS)


def test_files_of_other_editors(place, tmp_path):
    path = place("")
    path.write_bytes("\ufeff[room]\r\n# a\u2028b\r\ncount = 5\r\n".encode())
    (tmp_path / ".env").write_bytes(b"\xef\xbb\xbfRIBBON_ROOM__KEY=sesame\r\n")
    config = load_config(path, SECTIONS)
    assert config.section("room").count == 5 and config.section("room").key.get_secret_value() == "sesame"
    assert config.origins["room.count"] == f"{path}, line 3"
    path.write_bytes("[room]\n".encode("utf-16"))
    with pytest.raises(ConfigError, match=r"ribbon.toml, line 1: it is no UTF-8 text. Save it as UTF-8"):
        load_config(path, SECTIONS)
    path.write_bytes(b"")
    (tmp_path / ".env").write_bytes(b"A=1\nRIBBON_ROOM__KEY=sesam\xe9\n")
    with pytest.raises(ConfigError, match=r"\.env, line 2: it is no UTF-8 text") as caught:
        load_config(path, SECTIONS)
    assert "sesam" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("SESAME_KEY='sesame\n", 1),
        ('A=1\n\nSESAME_KEY="sesame\nB=2\n', 3),
        ('A=1\n$env:SESAME_KEY="sesame"\n', 2),
        ("# mine\nexport SESAME_KEY=‘sesame‘\n=sesame\n", 3),
    ],
)
def test_a_line_of_secrets_that_cannot_be_read_is_told_and_not_left_out(tmp_path, text, line):
    """It was as if the secret had never been set."""
    (tmp_path / ".env").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=rf"\.env, line {line}: it is no NAME=value; a quote") as caught:
        load_config(tmp_path / "ribbon.toml", SECTIONS)
    assert "sesame" not in str(caught.value)


def test_a_secret_of_which_a_part_would_be_left_out_is_told(tmp_path, monkeypatch):
    monkeypatch.setenv("OPEN", "open")
    place = tmp_path / ".env"
    place.write_text("A=b\nRIBBON_ROOM__KEY=${OPEN}$x${A}${C:-d}\n")
    read = load_config(tmp_path / "ribbon.toml", SECTIONS).section("room")
    assert read.key.get_secret_value() == "open$xbd"
    place.write_text("# mine\n\nRIBBON_ROOM__KEY='ses${ame}'\n")
    with pytest.raises(
        ConfigError, match=r"\.env, line 3: a \$\{…\} in the value of RIBBON_ROOM__KEY"
    ) as caught:
        load_config(tmp_path / "ribbon.toml", SECTIONS)
    assert "ame}" not in str(caught.value)


def test_a_folder_in_place_of_secrets_is_told(tmp_path):
    (tmp_path / ".env").mkdir()
    with pytest.raises(ConfigError, match=r"\.env cannot be read: this is a folder"):
        load_config(tmp_path / "ribbon.toml", SECTIONS)


def test_a_variable_that_a_dotenv_sets_to_two_values_is_refused_with_both_lines_and_neither_value(tmp_path):
    place = tmp_path / ".env"
    place.write_text("RIBBON_ROOM__KEY=sesame\n# the new one\nribbon_room__key=mustard\n")
    with pytest.raises(
        ConfigError, match=r"\.env, lines 1 and 3: both set ribbon_room__key, to different values"
    ) as caught:
        load_config(tmp_path / "ribbon.toml", SECTIONS)
    assert "sesame" not in str(caught.value) and "mustard" not in str(caught.value)
    place.write_text("RIBBON_ROOM__KEY=sesame\n\nRIBBON_ROOM__KEY='sesame'\n")
    assert load_config(tmp_path / "ribbon.toml", SECTIONS).section("room").key.get_secret_value() == "sesame"


def test_whatever_a_shell_takes_is_taken(tmp_path):
    lines = [
        "# a",
        "",
        "export A=1",
        "B",
        "C = 'x' # y",
        "D=it's",
        "RIBBON_ROOM__KEY='sesame'",
        "E='two",
        "lines'",
    ]
    (tmp_path / ".env").write_text("\n".join(lines))
    found = load_config(tmp_path / "ribbon.toml", SECTIONS).section("room").key.get_secret_value()
    assert found == "sesame"


def test_a_named_file_must_be_there(tmp_path, monkeypatch):
    monkeypatch.setenv("RIBBON_CONFIG", str(tmp_path / "gone.toml"))
    with pytest.raises(ConfigError, match="RIBBON_CONFIG"):
        config_path()


def test_the_command_shows_values_and_origins(tmp_path, monkeypatch):
    path = tmp_path / "mine.toml"
    path.write_text("[trade.rails]\nmin_confidence = 0.8\n", encoding="utf-8")
    monkeypatch.setenv("RIBBON_CONFIG", str(path))
    monkeypatch.setenv("RIBBON_TRADE__RAILS__MAX_TRADES_PER_DAY", "7")
    told = json.loads(CliRunner().invoke(app, ["config", "--json"]).stdout)
    assert told["settings"]["trade.rails.min_confidence"] == {"value": 0.8, "origin": f"{path}, line 2"}
    assert told["settings"]["trade.rails.max_trades_per_day"]["origin"].startswith("environment")
    assert told["settings"]["trade.beat_s"] == {"value": 10.0, "origin": "default"}
    assert told["settings"]["collect.timeframes"]["value"] == ["5min", "15min"]
    plain = CliRunner().invoke(app, ["config"])
    assert f"trade.rails.min_confidence = 0.8  # {path}, line 2" in plain.stdout


@pytest.mark.parametrize(
    ("table", "key", "value"),
    [
        ("trade.paper", "fee_pct", 0.02),
        ("trade.paper", "slippage_pct", 0.02),
        ("trade.exits", "target_pct", 0.6),
        ("trade.exits", "stop_pct", 0.3),
        ("trade.exits", "hold_minutes", 30),
        ("trade.rails", "min_stop_pct", 0.1),
        ("trade.rails", "max_stop_pct", 0.5),
        ("trade.rails", "min_target_pct", 0.1),
        ("trade.rails", "max_target_pct", 2.0),
    ],
)
def test_a_key_that_has_another_name_now_is_refused_with_it(tmp_path, monkeypatch, table, key, value):
    path = tmp_path / "ribbon.toml"
    path.write_text(f"[trade]\nbeat_s = 10\n\n[{table}]\n{key} = {value}\n", encoding="utf-8")
    with pytest.raises(ConfigError) as refused:
        load_config(path)
    assert f"{path}, line 5: {table}.{key} is terms.{key} now" in str(refused.value)
    path.write_text(f"[terms]\n{key} = {value}\n", encoding="utf-8")
    assert getattr(load_config(path).section("terms"), key) == value
    variable = f"RIBBON_{table.replace('.', '__')}__{key}".upper()
    monkeypatch.setenv(variable, str(value))
    with pytest.raises(ConfigError, match=f"environment {variable}: .*RIBBON_TERMS__{key.upper()}"):
        load_config(path)
    monkeypatch.delenv(variable)
    path.with_name(".env").write_text(f"{variable}={value}\n")
    with pytest.raises(ConfigError, match=rf"\.env {variable}: .*RIBBON_TERMS__{key.upper()}"):
        load_config(path)


def test_all_old_names_are_told_at_once_and_new_ones_from_the_environment_hold(tmp_path, monkeypatch):
    path = tmp_path / "ribbon.toml"
    path.write_text("[trade.exits]\ntarget_pct = 0.6\nstop_pct = 0.3\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"line 2: trade.exits.target_pct .*line 3: trade.exits.stop_pct "):
        load_config(path)
    monkeypatch.setenv("RIBBON_TERMS__STOP_PCT", "0.2")
    found = load_config(tmp_path / "none.toml")
    assert found.section("terms") == Terms(stop_pct=0.2)
    assert found.origins == {"terms.stop_pct": "environment RIBBON_TERMS__STOP_PCT"}


def test_exits_outside_of_their_range_are_refused(tmp_path):
    path = tmp_path / "ribbon.toml"
    path.write_text("[terms]\nmax_stop_pct = 0.1\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"line 1: terms: .*stop_pct 0\.15 is not within"):
        load_config(path)


def test_old_names_are_settings_no_more_and_new_ones_are():
    known = load_config(config_path()).values()
    for old, new in MOVED.items():
        assert ".".join(old) not in known and ".".join(new) in known


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "[room]\nkey = 1\nkey = 'sesame'\n",
            "line 3 «key = …»: Cannot overwrite a value. The key stands there twice",
        ),
        (
            "[room]\nkey = 1\n[room]\ncount = 2\n",
            "line 3 «[room]»: Cannot declare ('room',) twice. The table stands",
        ),
        (
            "[room]\nkey = “sesame”\n",
            "line 2 «key = …»: Invalid value. A text stands between plain double quotes",
        ),
        ('[room]\nkey = 1\ncount = "sesame', "line 3 «count = …»: Unterminated string. End the text with a"),
        ("[room]\nsesame\n", "line 2: Expected '=' after a key in a key/value pair. Mend that line"),
        ("[room", "line 1: Expected ']' at the end of a table declaration. Mend that line"),
        (
            "[room]\nlimit = 2,5\n",
            "line 2 «limit = …»: Expected newline or end of document after a statement. One value stands in a line, and a number has "
            "a decimal point",
        ),
        (
            '[room]\nkey = "C:\\Users\\sesame"\n',
            "line 2 «key = …»: Invalid hex value. A text with a backslash stands between single",
        ),
        (
            '[room]\nkey = "C:\\data"\n',
            "line 2 «key = …»: Unescaped '\\' in a string. A text with a backslash stands between",
        ),
    ],
)
def test_what_is_no_toml_is_told_with_line_key_and_remedy_and_no_value(place, text, told):
    with pytest.raises(ConfigError) as caught:
        load_config(place(text), SECTIONS)
    assert f"ribbon.toml cannot be read: {told}" in str(caught.value)
    assert "sesame" not in str(caught.value)


@pytest.mark.parametrize(
    "key", ["trade.beat_s", "trade.rails.min_confidence", "serve.port", "claude.max_tokens"]
)
@pytest.mark.parametrize("said", ["true", "false"])
def test_true_is_no_number(place, key, said):
    with pytest.raises(ConfigError, match=rf"ribbon.toml, line 1: {key} = {said}: it is a number"):
        load_config(place(f"{key} = {said}\n"))
    assert (
        load_config(place("[experiment]\npaired = true\n[collect]\nheadless = true\n"))
        .section("experiment")
        .paired
    )


def _numbers(model: type[BaseModel], above: str = "") -> list[str]:
    """Every setting that is a number with a fraction, as key."""
    found = []
    for name, told in model.model_fields.items():
        if isinstance(told.annotation, type) and issubclass(told.annotation, BaseModel):
            found += _numbers(told.annotation, f"{above}{name}.")
        elif "float" in str(told.annotation):
            found.append(f"{above}{name}")
    return found


@pytest.mark.parametrize("section", SECTIONS_OF_THE_PROGRAM)
@pytest.mark.parametrize("said", ["inf", "nan"])
def test_no_setting_is_endless(place, section, said):
    """Memory without an end ended in a traceback, and a limit or a cap without one holds nothing."""
    model = load_config(place("")).section(section)
    for key in _numbers(type(model)):
        with pytest.raises(ConfigError, match=rf"ribbon.toml, line 1: {section}\.{key}: Input should be"):
            load_config(place(f"{section}.{key} = {said}\n"))
