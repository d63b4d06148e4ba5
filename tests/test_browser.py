"""The browser the page tests rely on: it is found or its absence is said, and it reports what a page does wrong."""

from __future__ import annotations

import json
import shutil
import subprocess

import pytest

from lib.paths import repository_root

PAGE = """<!doctype html><title>Trades</title><img src="picture.png">
<script>document.title = "ran"; absent();</script>"""


@pytest.mark.browser
def test_the_browser_reports_script_errors_and_requests(browser, tmp_path):
    page = tmp_path / "page.html"
    page.write_text(PAGE, encoding="utf-8")
    browser.get(page.as_uri())
    assert browser.title == "ran"
    assert any("absent is not defined" in entry["message"] for entry in browser.get_log("browser"))
    events = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    asked = [
        event["params"]["request"]["url"]
        for event in events
        if event["method"] == "Network.requestWillBeSent"
    ]
    assert asked == [page.as_uri(), (tmp_path / "picture.png").as_uri()]


@pytest.fixture
def bare_machine(tmp_path):
    """The environment of a machine with a shell, but neither a browser nor a package manager."""
    for tool in ("bash", "cat", "dirname", "env", "id"):
        (tmp_path / tool).symlink_to(shutil.which(tool))
    return {"PATH": str(tmp_path)}


def find_browser(environment):
    script = repository_root() / "scripts" / "find_browser.sh"
    return subprocess.run(["bash", str(script)], env=environment, capture_output=True, text=True)


@pytest.mark.skipif(shutil.which("sw_vers") is not None, reason="macOS keeps its browsers outside PATH")
def test_a_missing_browser_fails_with_its_remedies(bare_machine):
    result = find_browser(bare_machine)
    assert result.returncode == 1
    assert "apt-get install chromium" in result.stderr
    assert "RIBBON_NO_BROWSER=1" in result.stderr


def test_a_missing_browser_is_let_through_when_asked(bare_machine):
    assert find_browser(bare_machine | {"RIBBON_NO_BROWSER": "1"}).returncode == 0


def test_a_browser_that_does_not_start_is_none(bare_machine, tmp_path):
    stub = tmp_path / "chromium"
    stub.write_text("#!/usr/bin/env bash\nexit 1\n", encoding="utf-8")
    stub.chmod(0o755)
    assert find_browser(bare_machine).returncode == 1
    stub.write_text("#!/usr/bin/env bash\necho Chromium 140\n", encoding="utf-8")
    assert find_browser(bare_machine).stdout == "Browser: Chromium 140\n"
