"""The server itself: it counts, caches, refuses and bills as the API does, or tests against it show nothing."""

from __future__ import annotations

import json
import urllib.error
import urllib.request

import pytest

from tests.messages_server import MessagesServer

LONG = "word " * 1_200  # 2,000 tokens
MARK = {"type": "ephemeral", "ttl": "1h"}


class Clock:
    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def server(clock):
    with MessagesServer(clock=clock) as running:
        yield running


def body(*system: str, mark: dict | None = MARK, **changed: object) -> dict:
    blocks = [{"type": "text", "text": text} | ({"cache_control": mark} if mark else {}) for text in system]
    messages = [{"role": "user", "content": "now"}]
    return {"model": "claude-sonnet-5-5", "max_tokens": 700, "system": blocks, "messages": messages} | changed


def post(server: MessagesServer, content: object, **headers: str) -> tuple[int, dict]:
    sent = {"anthropic-version": "2023-06-01", "x-api-key": server.key} | headers
    request = urllib.request.Request(f"{server.url}/v1/messages", json.dumps(content).encode(), sent)
    try:
        with urllib.request.urlopen(request, timeout=5) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def counted(server: MessagesServer, content: dict) -> tuple[int, int, int]:
    usage = post(server, content)[1]["usage"]
    return usage["input_tokens"], usage["cache_read_input_tokens"], usage["cache_creation_input_tokens"]


def test_a_prefix_is_written_read_refreshed_and_forgotten_after_its_hour(server, clock):
    assert counted(server, body(LONG)) == (1, 0, 2_000)
    assert counted(server, body(LONG)) == (1, 2_000, 0)
    clock.seconds += 3_599
    assert counted(server, body(LONG)) == (1, 2_000, 0)
    clock.seconds += 3_599
    assert counted(server, body(LONG)) == (1, 2_000, 0)
    clock.seconds += 3_601
    assert counted(server, body(LONG)) == (1, 0, 2_000)


def test_the_short_lifetime_is_five_minutes(server, clock):
    short = {"type": "ephemeral"}
    counted(server, body(LONG, mark=short))
    clock.seconds += 301
    assert counted(server, body(LONG, mark=short)) == (1, 0, 2_000)


def test_a_changed_second_part_reads_the_first(server):
    counted(server, body(LONG, LONG))
    assert counted(server, body(LONG, "other " + LONG)) == (1, 2_000, 2_002)
    assert counted(server, body("other " + LONG, LONG)) == (1, 0, 4_002)


def test_what_is_too_short_or_not_marked_is_not_cached(server):
    for content in (body("short"), body(LONG, mark=None)):
        first = counted(server, content)
        assert first == counted(server, content)
        assert first[1:] == (0, 0)


def test_another_schema_is_another_prompt(server):
    schema = {"type": "object", "properties": {}, "additionalProperties": False}
    counted(server, body(LONG))
    wanted = {"format": {"type": "json_schema", "schema": schema}}
    assert counted(server, body(LONG, output_config=wanted))[1] == 0


def test_what_was_made_is_billed(server):
    server.says("x" * 300)
    post(server, body(LONG))
    assert server.billed_usd == pytest.approx((1 * 2 + 2_000 * 4 + 100 * 10) / 1e6)


def test_a_page_and_a_key_that_stands_twice_are_served_as_told(server):
    server.shows_page().says_twice("stop_reason", "refusal")
    sent = {"anthropic-version": "2023-06-01", "x-api-key": server.key}
    found = []
    for _ in range(2):
        asked = urllib.request.Request(f"{server.url}/v1/messages", json.dumps(body()).encode(), sent)
        with urllib.request.urlopen(asked, timeout=5) as response:
            found.append((response.headers["content-type"], response.read().decode()))
    assert found[0] == ("text/html; charset=utf-8", "<html>Log in</html>")
    assert found[1][1].count('"stop_reason"') == 2
    assert json.loads(found[1][1])["stop_reason"] == "end_turn"


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"temperature": 0}, "temperature: Extra inputs are not permitted"),
        ({"thinking": {"type": "disabled"}}, "thinking.type: disabled is not supported"),
        ({"thinking": {"type": "enabled", "budget_tokens": 2_000}}, "not supported"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"messages": []}, "messages"),
        ({"messages": [{"role": "assistant", "content": "x"}]}, "user role"),
        ({"messages": [{"role": "user", "content": " "}]}, "non-whitespace"),
        ({"output_config": {"effort": "huge"}}, "effort"),
        ({"output_config": {"schema": {}}}, "output_config.schema"),
        (
            {"output_config": {"format": {"type": "json_schema", "schema": {"type": "object"}}}},
            "additionalProperties",
        ),
        (
            {
                "output_config": {
                    "format": {"type": "json_schema", "schema": {"type": "number", "minimum": 0}}
                }
            },
            "minimum is not",
        ),
        ({"model": None}, None),
    ],
)
def test_what_the_api_would_refuse(server, changed, problem):
    status, found = post(server, body(LONG, **changed))
    if problem is None:
        assert status == 200  # an unknown model is not this server's business
        return
    assert (status, found["error"]["type"]) == (400, "invalid_request_error")
    assert problem in found["error"]["message"]
    assert problem in server.requests[0].problem


def test_five_breakpoints_and_a_wrong_order_are_refused(server):
    assert post(server, body(*[LONG] * 5))[0] == 400
    mixed = body(LONG, LONG)
    mixed["system"][0]["cache_control"] = {"type": "ephemeral"}
    assert "1h" in post(server, mixed)[1]["error"]["message"]


@pytest.mark.parametrize(
    "headers", [{"x-api-key": "other"}, {"x-api-key": "", "authorization": "Bearer other"}]
)
def test_a_wrong_key(server, headers):
    assert post(server, body(), **headers)[0] == 401


def test_the_queue_is_served_in_order_and_then_the_default(server):
    server.answers(direction="LONG").fails(529, "overloaded_error", {"retry-after": "7"}, code="x")
    assert json.loads(post(server, body())[1]["content"][0]["text"])["direction"] == "LONG"
    status, found = post(server, body())
    assert (status, found["error"]["details"]) == (529, {"error_code": "x"})
    assert json.loads(post(server, body())[1]["content"][0]["text"])["direction"] == "HOLD"
    assert [request.problem for request in server.requests] == [None] * 3
