"""What the environment says of proxies and certificates is taken, or refused in words before anything is asked."""

from __future__ import annotations

import pytest

from lib.market.terms import DEFAULT_TERMS
from runner.claude.decider import ClaudeDecider
from runner.claude.key_check import check_key
from runner.errors import ConfigError

NO_CERTIFICATES = "certificates.pem"


@pytest.fixture(params=["loop", "key check"])
def opened(request, settings, tmp_path):
    """Begins what asks the API: the loop's decider, or the check of a key."""

    def begin():
        if request.param == "key check":
            return check_key(settings())
        with ClaudeDecider(settings(), tmp_path, terms=DEFAULT_TERMS):
            return None

    return begin


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        (
            "ALL_PROXY",
            "socks5://me:hidden@localhost:1080",
            ("«socks5://localhost:1080»", "pip install socksio"),
        ),
        ("HTTPS_PROXY", "http://me:hidden@localhost:port", ("«http://localhost:port»", "http://HOST:PORT")),
        ("https_proxy", "ftp://me:hidden@localhost:21", ("«ftp://localhost:21»", "http://HOST:PORT")),
        ("NO_PROXY", "localhost,::1/128", ("«localhost,::1/128»", "names and addresses alone")),
        ("SSL_CERT_FILE", "/gone/ca.pem", ("«/gone/ca.pem»", "No such file", "certificates that is there")),
        ("SSL_CERT_FILE", NO_CERTIFICATES, (NO_CERTIFICATES, "certificates that is there")),
    ],
)
def test_what_cannot_be_used_is_told_with_its_variable(opened, monkeypatch, tmp_path, name, value, told):
    (tmp_path / NO_CERTIFICATES).write_text("no certificate\n")
    monkeypatch.setenv(name, str(tmp_path / value) if value == NO_CERTIFICATES else value)
    of_another_kind = "SSL_CERT_DIR" if "PROXY" in name.upper() else "NO_PROXY"
    monkeypatch.setenv(of_another_kind, str(tmp_path) if of_another_kind == "SSL_CERT_DIR" else "localhost")
    with pytest.raises(ConfigError) as refused:
        opened()
    assert all(part in str(refused.value) for part in (name, *told))
    assert of_another_kind not in str(refused.value)
    assert "hidden" not in str(refused.value)


@pytest.mark.parametrize("header", ["x-api-key", "Authorization"])
def test_a_key_among_another_programs_headers_is_refused_and_not_shown(opened, monkeypatch, header):
    """The SDK sends them in place of the key that is set here, and another account would pay."""
    monkeypatch.setenv("ANTHROPIC_CUSTOM_HEADERS", f"X-Gateway: yes\n{header}: hidden")
    with pytest.raises(
        ConfigError, match=f"ANTHROPIC_CUSTOM_HEADERS in the environment has a header {header}"
    ) as refused:
        opened()
    assert "hidden" not in str(refused.value)


def test_headers_that_say_nothing_of_an_account_are_let_be(opened, monkeypatch):
    monkeypatch.setenv("ANTHROPIC_CUSTOM_HEADERS", "X-Gateway: yes")
    assert opened() is None


def test_a_proxy_without_its_scheme_is_one_of_http(opened, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "localhost:3128")
    assert opened() is None
