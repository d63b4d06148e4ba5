"""Reports and documentation: what belongs to them is served, whatever is asked for beside it is not."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote, urljoin, urlparse

import pytest

from lib.paths import repository_root
from runner.serve.documents import BESIDE, document_html

SECRET = "what nobody may read"


@pytest.fixture
def outputs(tmp_path) -> Path:
    made = tmp_path / "outputs"
    (made / "20260105T000000Z" / "reports").mkdir(parents=True)
    (made / "assets").mkdir()
    (made / "index.html").write_text("<p>all cycles</p>")
    (made / "20260105T000000Z" / "index.html").write_text("<p>one cycle</p>")
    (made / "20260105T000000Z" / "a b.json").write_text("{}")
    (made / "20260105T000000Z" / "own.js").write_text("alert(1)")
    (made / "assets" / "zoom.js").write_text("'ours'")
    (made / "latest").symlink_to("20260105T000000Z")
    (made / ".hidden").write_text(SECRET)
    (tmp_path / "secret.txt").write_text(SECRET)
    (tmp_path / "outputs-not").mkdir()
    (tmp_path / "outputs-not" / "secret.txt").write_text(SECRET)
    (made / "out.html").symlink_to(tmp_path / "secret.txt")
    (made / "away").symlink_to(tmp_path)
    (made / "circle").symlink_to("circle")
    return made


def test_reports_are_served_as_what_they_are(traded, serving, outputs):
    server = serving(traded, outputs)
    kinds = {
        "index.html": "text/html; charset=utf-8",
        "latest/index.html": "text/html; charset=utf-8",
        "latest/": "text/html; charset=utf-8",
        "20260105T000000Z/a%20b.json": "application/json; charset=utf-8",
        "20260105T000000Z/own.js": "text/plain; charset=utf-8",  # scripts are ours, in assets/
        "assets/zoom.js": "text/javascript; charset=utf-8",
    }
    for path, kind in kinds.items():
        found = server.ask(f"/outputs/{path}")
        assert (found.status, found.headers["Content-Type"]) == (200, kind), path
    assert server.ask("/outputs/latest").headers["Location"] == "/outputs/latest/"


@pytest.mark.parametrize(
    "path",
    [
        *("../secret.txt", "%2e%2e/secret.txt", "..%2fsecret.txt", "latest/../../secret.txt", "....//secret.txt"),
        *("/etc/passwd", "//etc/passwd", "%2fetc/passwd", "..%5csecret.txt", "../outputs-not/secret.txt"),
        *("out.html", "away/secret.txt", "away/", "away", "circle", ".hidden", "latest/none", "a%00b", "%ff", "x" * 5_000),
    ],
)  # fmt: skip
def test_nothing_outside_is_served_however_it_is_asked_for_or_linked(traded, serving, outputs, path):
    found = serving(traded, outputs).ask(f"/outputs/{path}")
    assert found.status in (400, 403, 404) and SECRET not in found.text and "root:" not in found.text


def test_a_report_is_sent_again_only_where_it_is_another(traded, serving, outputs):
    server = serving(traded, outputs)
    etag = server.ask("/outputs/index.html").headers["Etag"]
    assert server.ask("/outputs/index.html", If_None_Match=etag).status == 304
    (outputs / "index.html").write_text("<p>all cycles, one more</p>")
    again = server.ask("/outputs/index.html", If_None_Match=etag)
    assert (again.status, again.text) == (200, "<p>all cycles, one more</p>")


def test_every_page_of_the_documentation_is_served_and_each_of_its_links_leads_somewhere(traded, serving):
    server, root = serving(traded), repository_root()
    pages = [str(page.relative_to(root)) for page in sorted((root / "docs").rglob("*.md"))] + list(BESIDE)
    assert len(pages) > 30
    texts = {f"/{page}": server.ask(f"/{page}") for page in pages}
    assert {found.status for found in texts.values()} == {200}
    lost = []
    for page, found in texts.items():
        for link in re.findall(r'(?:href|src)="([^"]+)"', found.text):
            to = urlparse(urljoin(page, link))
            if to.scheme or to.netloc or to.path in ("/", "/static/page.css", "/outputs/index.html"):
                continue
            target = texts.get(to.path) or server.ask(to.path)
            if target.status != 200 or (to.fragment and f'id="{unquote(to.fragment)}"' not in target.text):
                lost.append((page, link))
    assert lost == []


@pytest.mark.parametrize(
    "path",
    [
        *("docs/conf.py", "docs/../pyproject.toml", "docs/%2e%2e/pyproject.toml", "docs/", "docs", "pyproject.toml"),
        *("docs//etc/passwd", "docs/none", ".git/config", "NONE.md", "docs/a%00b.md"),
    ],
)  # fmt: skip
def test_nothing_else_of_the_repository_is_served(traded, serving, path):
    assert serving(traded).ask(f"/{path}").status in (400, 404)


def test_a_document_runs_nothing():
    made = str(
        document_html(
            "# <img src=x onerror=alert(1)>\n\n<script>alert(1)</script>\n\n[a](javascript:alert(1)) "
            "[b](data:text/html,x) ![c](javascript:alert(1))\n\n<!-- a note -->\n\n`<b>`\n"
        )
    )
    assert "<script" not in made and "<img src=x" not in made and "a note" not in made
    assert 'href="javascript' not in made and 'href="data:text' not in made and 'src="javascript' not in made
