"""What must hold of every page that a cycle makes, as a browser sees it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from urllib.parse import unquote, urlparse

from selenium.webdriver.remote.webdriver import WebDriver


def pages_of(outputs: Path) -> list[Path]:
    """All pages below `outputs`, those behind the link `latest` once."""
    real = [path for path in outputs.rglob("*.html") if "latest" not in path.relative_to(outputs).parts]
    return sorted(real)


def assets_of(pages: list[Path]) -> Path:
    """The folder of scripts of the outputs that hold these pages."""
    return Path(os.path.commonpath([page.parent for page in pages])) / "assets"


def sideways(browser: WebDriver) -> int:
    """Pixels that the page is wider than the window."""
    return browser.execute_script(
        "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )


def every_page_stands_alone(browser: WebDriver, pages: list[Path]) -> None:
    """Its pictures load, no script but those of `assets/` is in it, nothing goes wrong, nothing is fetched but these and pages."""
    for page in pages:
        browser.get(page.as_uri())
        assert browser.title not in ("", "ran")
        broken = browser.execute_script(
            "return [...document.images].filter(i => !i.complete || i.naturalWidth === 0).map(i => i.src)"
        )
        assert broken == [], page
        scripts = browser.execute_script(
            "return [...document.scripts].filter(s => s.type !== 'application/json').map(s => s.src)"
        )
        assets = {path.as_uri() for path in assets_of(pages).glob("*.js")}
        assert set(scripts) <= assets, page
        assert sideways(browser) <= 0, page
    assert [entry for entry in browser.get_log("browser") if entry["level"] == "SEVERE"] == []
    events = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    asked = {e["params"]["request"]["url"] for e in events if e["method"] == "Network.requestWillBeSent"}
    assert {url.split(":")[0] for url in asked} <= {"file", "data"}
    assert {url for url in asked if url.startswith("file:")} - assets == {page.as_uri() for page in pages}


def every_link_leads_to_a_file(browser: WebDriver, pages: list[Path]) -> None:
    """No page is a dead end, and no link of it leads nowhere."""
    for page in pages:
        browser.get(page.as_uri())
        links = browser.execute_script("return [...document.links].map(link => link.href)")
        assert links, page
        for link in links:
            target = urlparse(link)
            assert target.scheme == "file"
            assert Path(unquote(target.path)).is_file(), (page, link)
