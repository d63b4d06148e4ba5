"""A deciding process killed at random, its calls in flight: what the server billed never passes the cap (docs/guarantees.md, L5)."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time

import pytest

from runner.claude.ledger import spend_of_day
from tests.messages_server import reply_text

CAP = 0.15
DECIDING = f"""
import sys
from pathlib import Path
from lib.market.terms import DEFAULT_TERMS
from runner.claude.decider import ClaudeDecider
from runner.claude.settings import ClaudeSettings
from tests.runner.claude.made import tick
settings = ClaudeSettings(base_url=sys.argv[1], daily_cap_usd={CAP}, first_model=sys.argv[3])
with ClaudeDecider(settings, Path(sys.argv[2]), terms=DEFAULT_TERMS) as decider:
    print("up", flush=True)
    while decider.decide(tick(), 8).reason_code != "budget":
        pass
"""


@pytest.mark.faults
@pytest.mark.slow
@pytest.mark.parametrize("first_model", ["", "claude-haiku-5-5"])
def test_the_cap_holds_though_the_decider_is_killed_at_random(server, tmp_path, fault_runs, first_model):
    server.default = reply_text(direction="LONG", confidence=0.9)  # so that of two models both are asked
    chance = random.Random(3)
    environment = os.environ | {"ANTHROPIC_API_KEY": server.key}
    # A start takes seconds, because the SDK is large: a tenth of the runs, each with several calls.
    for _ in range(max(fault_runs // 10, 4)):
        command = [sys.executable, "-c", DECIDING, server.url, str(tmp_path), first_model]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "up\n"
            before = len(server.requests)
            while len(server.requests) == before and process.poll() is None:
                time.sleep(0.001)
            time.sleep(chance.uniform(0, 0.1))
            process.send_signal(signal.SIGKILL)
        time.sleep(0.1)  # what was on its way has arrived
        assert server.billed_usd <= spend_of_day(tmp_path).total_usd + 1e-9 <= CAP + 2e-9
    assert server.billed_usd > 0
    # One that was killed while it sent has no body.
    asked = {request.body["model"] for request in server.requests if request.body is not None}
    assert asked >= {first_model or "claude-sonnet-5-5"}
    assert all(server.key not in argument for argument in command)
