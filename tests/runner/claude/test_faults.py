"""What each failure of the API means, as the SDK raises it from a real server's answer."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from lib.market.terms import DEFAULT_TERMS
from runner.claude.caller import ApiCaller
from runner.claude.faults import LONGEST_RETRY_AFTER_S, Fault, fault_of
from runner.claude.prompt import compose, request
from runner.claude.settings import ClaudeSettings
from runner.claude.standing import remedy_of
from tests.runner.claude.made import tick

CREDIT = "Your credit balance is too low to access the Anthropic API."
LIMIT = "You have reached your specified API usage limits."


@pytest.fixture
def fault(server, settings, tmp_path):
    configured = settings()
    caller = ApiCaller(configured)
    asked = request(compose(tick(), configured, tmp_path, DEFAULT_TERMS), configured)

    def fail(*told: object, **more: object) -> Fault:
        server.fails(*told, **more)
        return caller.start(asked, lambda found: found).result(5)

    yield fail
    caller.close()


@pytest.mark.parametrize(
    ("status", "kind", "more", "code"),
    [
        (401, "authentication_error", {}, "authentication"),
        (402, "billing_error", {}, "billing"),
        (403, "permission_error", {}, "permission"),
        (403, "permission_error", {"message": "Your organization has been disabled."}, "disabled"),
        (400, "invalid_request_error", {"message": "This organization has been disabled."}, "disabled"),
        (404, "not_found_error", {}, "not_found"),
        (400, "invalid_request_error", {"message": CREDIT}, "billing"),
        (400, "invalid_request_error", {"message": LIMIT}, "billing"),
        (400, "invalid_request_error", {"message": "messages: Field required"}, "request"),
        (413, "request_too_large", {}, "request"),
        (418, "something_new", {}, "request"),
        (
            429,
            "rate_limit_error",
            {"code": "enforced_spend_limit_reached", "headers": {"retry-after": "9"}},
            "billing",
        ),
        (429, "rate_limit_error", {"code": "contract_spend_limit_reached"}, "billing"),
        (429, "rate_limit_error", {"message": "monthly spend limit of your tier"}, "billing"),
    ],
)
def test_what_only_a_person_can_mend_blocks_and_is_not_tried_again(fault, status, kind, more, code):
    found = fault(status, kind, **more)
    assert (found.reason_code, found.blocks, found.retry, found.billed) == (code, True, False, False)
    assert found.detail == f"HTTP {status} {kind}: {more.get('message', 'told to fail')}"


@pytest.mark.parametrize(
    ("status", "kind", "code", "billed"),
    [
        (429, "rate_limit_error", "rate_limited", False),
        (529, "overloaded_error", "overloaded", False),
        (503, "api_error", "overloaded", False),
        (500, "api_error", "server_error", True),
        (502, "api_error", "server_error", True),
        (504, "timeout_error", "server_error", True),
        (408, "timeout_error", "server_error", True),
        (409, "conflict_error", "server_error", True),
    ],
)
def test_what_passes_may_be_tried_again(fault, status, kind, code, billed):
    found = fault(status, kind)
    assert (found.reason_code, found.blocks, found.retry, found.billed) == (code, False, True, billed)
    assert found.retry_after_s == 0


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        ("0.5", 0.5),
        ("86400", LONGEST_RETRY_AFTER_S),
        ("inf", LONGEST_RETRY_AFTER_S),
        ("-3", 0.0),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0),
        ("Wed, 21 Oct 2099 07:28:00 GMT", LONGEST_RETRY_AFTER_S),
        ("Wed, 99 Oct 2099", 0.0),
    ],
)
def test_retry_after_is_obeyed_within_limits(fault, header, seconds):
    assert fault(429, "rate_limit_error", {"retry-after": header}).retry_after_s == seconds


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 529])
def test_retry_after_is_obeyed_whatever_passes(fault, status):
    assert fault(status, "api_error", {"retry-after": "7"}).retry_after_s == 7.0


@pytest.mark.parametrize("message", ["see the usage limits of your tier", "this credit is spent for now"])
def test_who_is_told_to_wait_is_not_out_of_money(fault, message):
    found = fault(429, "rate_limit_error", {"retry-after": "9"}, message=message)
    assert (found.reason_code, found.blocks, found.retry_after_s) == ("rate_limited", False, 9.0)


def test_a_retry_after_that_is_no_number_counts_as_none(fault):
    assert fault(529, "overloaded_error", {"retry-after": "nan"}).retry_after_s == 0.0


@pytest.mark.parametrize(
    "content", [b"<html>bad gateway</html>", b"{}", b"[]", b'{"error": "text"}', b"\xff"]
)
def test_an_error_that_is_no_json_of_the_api(server, fault, content):
    server.raw(502, content)
    found = fault(500)
    assert (found.reason_code, found.retry) == ("server_error", True)
    assert found.detail.startswith("HTTP 502 : ") and "None" not in found.detail


@pytest.mark.parametrize("status", [301, 400, 403, 404, 407])
def test_a_web_page_or_a_redirect_is_not_the_api(server, settings, fault, status):
    server.shows_page(status)
    found = fault(500)
    assert (found.reason_code, found.blocks, found.billed, found.retry) == ("not_the_api", True, False, False)
    assert f"HTTP {status}" in found.detail and server.url in found.detail


def test_a_certificate_that_nobody_believes_is_told_as_that(server, settings, tmp_path):
    """A proxy of an office or hotel opens what is encrypted; it was "Connection error.", asked at each tick."""
    with encrypted_server(tmp_path) as address:
        configured = settings(base_url=address)
        caller = ApiCaller(configured)
        asked = request(compose(tick(), configured, tmp_path, DEFAULT_TERMS), configured)
        found = caller.start(asked, lambda found: found).result(10)
        caller.close()
    assert (found.reason_code, found.blocks, found.billed, found.retry) == ("certificate", True, False, False)
    assert address in found.detail and "self-signed certificate" in found.detail
    assert "SSL_CERT_FILE" in remedy_of(found.reason_code)


@contextmanager
def encrypted_server(folder: Path) -> Iterator[str]:
    """The address of an https server whose certificate is its own word alone."""
    key, name = (
        ec.generate_private_key(ec.SECP256R1()),
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "proxy")]),
    )
    now = datetime.now(UTC)
    made = x509.CertificateBuilder(
        name, name, key.public_key(), 1, now - timedelta(days=1), now + timedelta(days=1)
    )
    both = made.sign(key, SHA256()).public_bytes(Encoding.PEM) + key.private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    (folder / "both.pem").write_bytes(both)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "both.pem")
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"https://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_a_page_of_a_busy_gateway_passes(server, fault, status):
    server.shows_page(status)
    assert fault(500).blocks is False


def test_the_key_is_not_in_what_people_are_shown(server, fault):
    found = fault(401, "authentication_error", message=f"invalid key {server.key}\x1b[31m " + "x" * 900)
    assert server.key not in found.detail
    assert found.detail.isprintable()
    assert len(found.detail) <= 300
    assert "***" in found.detail


def test_anything_else_is_internal_and_may_have_been_billed():
    found = fault_of(RuntimeError("secret sk-x happened"), ClaudeSettings(api_key="sk-x"))
    assert found == Fault("internal", "RuntimeError: secret *** happened", billed=True)


def test_a_call_that_took_too_long_may_have_been_billed():
    found = fault_of(TimeoutError(), ClaudeSettings(api_key="sk-x"))
    assert found == Fault("timeout", "TimeoutError: ", billed=True)
