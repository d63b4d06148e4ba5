"""Browser and driver: given, named, found, fetched, or an error that says what to do."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from runner.collect import find_browser
from runner.collect.find_browser import find_programs
from runner.errors import BrowserError


@pytest.fixture
def bare(tmp_path, monkeypatch) -> Path:
    """A PATH with nothing on it, and a Selenium Manager that answers what `answer.json` says."""
    manager = tmp_path / "selenium-manager"
    manager.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/asked\n/bin/cat {tmp_path}/answer.json\n')
    manager.chmod(0o755)
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setenv("SE_MANAGER_PATH", str(manager))
    monkeypatch.delenv("RIBBON_CHROME", raising=False)
    monkeypatch.setattr(find_browser, "PLACES", ())
    answer(tmp_path, 65, "network is unreachable")
    return tmp_path


def answer(folder: Path, code: int, message: str = "", browser: str = "", driver: str = "") -> None:
    result = {"code": code, "message": message, "driver_path": driver, "browser_path": browser}
    (folder / "answer.json").write_text(json.dumps({"logs": [], "result": result}))
    (folder / "selenium-manager").write_text(
        f'#!/bin/sh\necho "$@" > {folder}/asked\n/bin/cat {folder}/answer.json\nexit {1 if code else 0}\n'
    )


def program(path: Path) -> Path:
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


def test_without_any_the_error_says_what_to_do(bare):
    with pytest.raises(
        BrowserError, match=r"no Chrome or Chromium was found.*apt-get install chromium"
    ) as caught:
        find_programs()
    assert caught.value.exit_code == 20
    program(bare / "bin" / "chromium")
    with pytest.raises(BrowserError, match="no chromedriver was found"):
        find_programs()


def test_both_are_found_on_the_path(bare):
    chromium, driver = program(bare / "bin" / "chromium"), program(bare / "bin" / "chromedriver")
    assert find_programs() == (chromium, driver)
    assert not (bare / "asked").exists()
    chrome = program(bare / "bin" / "google-chrome")
    assert find_programs().browser == chrome


def test_what_is_named_comes_first(bare, monkeypatch):
    program(bare / "bin" / "chromium")
    driver = program(bare / "bin" / "chromedriver")
    mine, other = program(bare / "mine"), program(bare / "other")
    monkeypatch.setenv("RIBBON_CHROME", str(other))
    assert find_programs() == (other, driver)
    assert find_programs(mine, other) == (mine, other)
    with pytest.raises(BrowserError, match=r"nowhere is no program.*--browser"):
        find_programs(bare / "nowhere")
    with pytest.raises(BrowserError, match="is no program"):
        find_programs(mine, bare / "nowhere")


def test_what_is_missing_is_fetched(bare):
    chrome, driver = program(bare / "fetched-chrome"), program(bare / "fetched-driver")
    answer(bare, 0, browser=str(chrome), driver=str(driver))
    assert find_programs() == (chrome, driver)
    installed = program(bare / "bin" / "chromium")
    assert find_programs() == (installed, driver)
    assert f"--browser-path {installed}" in (bare / "asked").read_text()
    answer(bare, 0, browser=str(chrome), driver=str(bare / "not-there"))
    with pytest.raises(BrowserError, match="cannot be started"):
        find_programs()
