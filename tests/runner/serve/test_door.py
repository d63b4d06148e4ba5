"""Who is answered, over real connections (docs/guarantees.md, S3)."""

from __future__ import annotations

import logging
import socket

import pytest

from tests.runner.serve.conftest import TOKEN

PATHS = (
    "/",
    "/live.json",
    "/decision/x",
    "/docs/index.md",
    "/README.md",
    "/outputs/index.html",
    "/outputs/none",
    "/nothing/here",
)


@pytest.fixture
def server(traded, serving, tmp_path):
    outputs = tmp_path / "outputs"
    outputs.mkdir()
    (outputs / "index.html").write_text("<p>all cycles</p>")
    return serving(traded, outputs)


@pytest.mark.parametrize("path", PATHS)
def test_without_its_token_nothing_is_answered(server, path):
    for wrong in (None, "", "x", TOKEN[:-1], TOKEN + "t", "é"):
        found = server.ask(path, token=wrong and wrong.encode().decode("latin-1"))
        assert (found.status, b"LONG" in found.body) == (403, False), wrong
    assert server.ask(f"{path}?token=wrong", token=None).status == 403
    assert server.ask(path).status in (200, 404)


def test_the_token_in_the_address_sets_a_cookie_that_no_script_reads_and_no_other_site_sends(server):
    found = server.ask(f"/?token={TOKEN}", token=None)
    assert found.status == 200
    cookie = found.headers["Set-Cookie"]
    assert cookie.startswith(f"ribbon-{server.port}={TOKEN};")
    assert "HttpOnly" in cookie and "SameSite=Strict" in cookie
    assert server.ask("/").headers["Set-Cookie"] is None
    assert TOKEN not in found.text


@pytest.mark.parametrize("path", PATHS)
def test_under_another_name_nothing_is_answered(server, path):
    for host in (
        "evil.example",
        f"evil.example:{server.port}",
        "127.0.0.1",
        f"127.0.0.1.:{server.port}",
        "127.0.0.1:1",
    ):
        assert server.ask(path, Host=host).status == 403, host
    assert server.ask(path, Host=f"localhost:{server.port}").status in (200, 404)


def test_a_page_of_somebody_else_is_not_answered(server):
    for origin in ("http://evil.example", "null", f"https://127.0.0.1:{server.port}", "http://127.0.0.1:1"):
        assert server.ask("/live.json", Origin=origin).status == 403, origin
    assert server.ask("/live.json", Origin=f"http://127.0.0.1:{server.port}").status == 200
    assert "Access-Control-Allow-Origin" not in server.ask("/live.json").headers


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_it_only_reads(server, method):
    for path in PATHS:
        assert server.ask(path, method).status == 405


@pytest.mark.parametrize("path", PATHS)
def test_head_is_get_without_the_body(server, path):
    head, get = server.ask(path, "HEAD"), server.ask(path)
    assert (head.status, head.body) == (get.status, b"")
    assert head.headers["Content-Type"] == get.headers["Content-Type"]


@pytest.mark.parametrize("token", [TOKEN, None])
@pytest.mark.parametrize("path", [*PATHS, "/static/live.js"])
def test_every_answer_lets_nothing_in_from_elsewhere(server, path, token):
    found = server.ask(path, token=token)
    policy = dict(part.split(" ", 1) for part in found.headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == "'self'"
    assert (policy["frame-ancestors"], policy["form-action"], policy["base-uri"]) == ("'none'",) * 3
    assert found.headers["X-Content-Type-Options"] == "nosniff"
    assert found.headers["Referrer-Policy"] == "no-referrer"
    assert "Server" not in found.headers


def test_it_listens_on_this_machine_only(server):
    with socket.socket() as other:
        other.settimeout(5)
        others = [info[4][0] for info in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)]
        for address in {address for address in others if not address.startswith("127.")}:
            assert other.connect_ex((address, server.port)) != 0


def test_what_is_no_request_is_no_way_in(server):
    for told in (
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.0\r\n\r\n",
        b"\0\xff\r\n\r\n",
        b"GET /" + b"a" * 40_000 + b" HTTP/1.1\r\n\r\n",
    ):
        with socket.create_connection(("127.0.0.1", server.port), timeout=10) as raw:
            raw.sendall(told)
            assert b" 200 " not in raw.recv(4096)
    assert server.ask("/").status == 200


def test_no_log_holds_the_token_or_more_than_a_line_of_what_was_asked(server, caplog, monkeypatch):
    for name in ("tornado.access", "tornado.application", "tornado.general"):
        caplog.set_level(logging.INFO, name)
    for path in (
        "/decision/none",
        f"/decision/{'9' * 3000}",
        "/live.json?version=x",
        "/docs/none",
        "/%ff",
    ):
        mark = "&" if "?" in path else "?"
        assert server.ask(f"{path}{mark}token={TOKEN}", token=None).status in (400, 404)
    monkeypatch.setattr("runner.serve.site.Live.get", lambda self: 1 / 0)
    assert server.ask(f"/live.json?token={TOKEN}", token=None).status == 500
    assert TOKEN not in caplog.text
    lines = [record.getMessage() for record in caplog.records]
    assert any(line.startswith("404 GET /decision/none: There is no such decision") for line in lines)
    assert "400 GET /live.json: `version` is no number." in lines
    assert "Uncaught exception GET /live.json" in lines and "ZeroDivisionError" in caplog.text
    assert max(map(len, lines)) < 500
