"""ribbon.toml and .env as they stand afterwards: whole, for whom they are meant, and read by every command."""

from __future__ import annotations

import stat

import pytest

from runner.config import load_config
from runner.errors import ConfigError
from runner.setup.writing import write

VALUES = {
    ("collect", "source"): "exchange",
    ("trade", "decider"): "rules",
    ("trade", "paper", "equity"): 500.0,
}


def mode(path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_first_time(tmp_path):
    done = write(tmp_path / "ribbon.toml", VALUES, {"ANTHROPIC_API_KEY": "sk-ant-a b'c"})
    assert done.values == VALUES and done.secrets == ["ANTHROPIC_API_KEY"] and done.overruled == {}
    config = load_config(tmp_path / "ribbon.toml")
    assert config.section("trade").paper.equity == 500.0
    assert config.section("claude").api_key.get_secret_value() == "sk-ant-a b'c"
    assert mode(tmp_path / ".env") == 0o600
    assert "sk-ant" not in (tmp_path / "ribbon.toml").read_text()
    assert sorted(path.name for path in tmp_path.iterdir()) == [".env", "ribbon.toml"]


def test_again_nothing_is_written(tmp_path):
    write(tmp_path / "ribbon.toml", VALUES, {"A": "1"})
    before = [(path.stat().st_mtime_ns, path.stat().st_ino) for path in sorted(tmp_path.iterdir())]
    done = write(tmp_path / "ribbon.toml", VALUES, {"A": "1"})
    assert (done.values, done.secrets) == ({}, [])
    assert before == [(path.stat().st_mtime_ns, path.stat().st_ino) for path in sorted(tmp_path.iterdir())]


def test_an_env_that_others_may_read_is_closed(tmp_path):
    dotenv = tmp_path / ".env"
    dotenv.write_text("# mine\nA='1'\n")
    dotenv.chmod(0o644)
    write(tmp_path / "ribbon.toml", {}, {"A": "1"})
    assert mode(dotenv) == 0o600 and dotenv.read_text() == "# mine\nA='1'\n"


def test_values_that_no_command_takes_are_refused_and_nothing_is_written(tmp_path):
    path = tmp_path / "ribbon.toml"
    path.write_text('[trade]\ndecider = "rules"\n')
    with pytest.raises(ConfigError, match=r"ribbon\.toml, line 2: trade\.decider") as told:
        write(path, {("trade", "decider"): "luck"}, {"A": "1"})
    assert str(tmp_path) in str(told.value)
    assert path.read_text() == '[trade]\ndecider = "rules"\n'
    assert not (tmp_path / ".env").exists()


def test_what_a_link_names_is_replaced_not_the_link(tmp_path):
    (tmp_path / "kept").mkdir()
    target = tmp_path / "kept" / "mine.toml"
    target.write_text("")
    (tmp_path / "ribbon.toml").symlink_to(target)
    write(tmp_path / "ribbon.toml", VALUES, {})
    assert (tmp_path / "ribbon.toml").is_symlink() and 'source = "exchange"' in target.read_text()


def test_what_a_variable_says_otherwise_is_told(tmp_path, monkeypatch):
    monkeypatch.setenv("RIBBON_TRADE__DECIDER", "claude")
    done = write(tmp_path / "ribbon.toml", VALUES, {})
    assert done.overruled == {("trade", "decider"): "environment RIBBON_TRADE__DECIDER"}
