"""The documentation as a site: it builds without a warning, and whoever reads it asks no other machine for anything."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from lib.paths import repository_root
from tests.browser.pages import sideways

DOCS = repository_root() / "docs"
#: What a page fetches by itself; where a link leads is a person's choice.
FETCHED = re.compile(
    r"""<(?:script|img|iframe|source|video|audio|embed)\b[^>]*?\bsrc=["']?(?P<source>[^"'\s>]+)"""
    r"""|<link\b[^>]*?\bhref=["']?(?P<link>[^"'\s>]+)"""
    r"""|url\(["']?(?P<style>[^"')]+)|@import\s+["'](?P<imported>[^"']+)""",
    re.IGNORECASE,
)
ELSEWHERE = re.compile(r"(?:[a-z]+:)?//", re.IGNORECASE)


def build(source: Path, site: Path) -> subprocess.CompletedProcess[str]:
    command = [
        sys.executable,
        "-m",
        "sphinx",
        "-b",
        "html",
        "-W",
        "--keep-going",
        "-q",
        str(source),
        str(site),
    ]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    done = build(DOCS, folder)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    return folder


def fetched_elsewhere(text: str) -> list[str]:
    """Addresses of other machines that a page or a style sheet fetches from."""
    found = [next(part for part in match.groups() if part) for match in FETCHED.finditer(text)]
    return [address for address in found if ELSEWHERE.match(address)]


@pytest.mark.slow
def test_every_page_is_built_and_nothing_is_fetched_from_elsewhere(site):
    pages = sorted(site.rglob("*.html"))
    sources = [path.relative_to(DOCS).with_suffix(".html") for path in DOCS.rglob("*.md")]
    assert {page.relative_to(site) for page in pages} >= set(sources)
    files = [*pages, *site.rglob("*.css")]
    found = {
        str(path.relative_to(site)): fetched_elsewhere(path.read_text(encoding="utf-8")) for path in files
    }
    assert {name: addresses for name, addresses in found.items() if addresses} == {}


def test_what_is_fetched_from_elsewhere_is_seen():
    page = """<a href="https://example.org/a">a link</a> <img src="images/a.png"> <link rel=icon href="//example.org/b">
    <script async src='https://example.org/c.js'></script> <style>@import "https://example.org/d";
    p { background: url(https://example.org/e) url("data:image/png;base64,AA") }</style>"""
    assert fetched_elsewhere(page) == [
        "//example.org/b",
        "https://example.org/c.js",
        "https://example.org/d",
        "https://example.org/e",
    ]


@pytest.mark.slow
def test_a_link_that_leads_nowhere_ends_the_build(tmp_path):
    source = tmp_path / "docs"
    source.mkdir()
    shutil.copy(DOCS / "conf.py", source)
    (source / "index.md").write_text("# One\\n\\n[two](#three)\\n".replace("\\n", "\n"))
    done = build(source, tmp_path / "site")
    assert done.returncode == 1 and "three" in done.stderr


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 390])
def test_in_a_browser_every_page_fits_and_stays_at_home(site, browser, width):
    browser.set_window_size(width, 900)
    browser.get_log("performance")
    for page in sorted(site.rglob("*.html")):
        browser.get(page.as_uri())
        assert sideways(browser) <= 0, page
    events = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    asked = {e["params"]["request"]["url"] for e in events if e["method"] == "Network.requestWillBeSent"}
    assert asked and {url.split(":")[0] for url in asked} <= {"file", "data"}
