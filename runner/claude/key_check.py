"""Whether the API takes a key and has a model for it, without buying anything: it is asked to describe the model, which is not billed.

What that cannot tell is whether the account has credit: only a message would, and that costs.
"""

from __future__ import annotations

import asyncio

from runner.claude.bounded_client import bounded_client
from runner.claude.faults import Fault, fault_of, page_fault
from runner.claude.settings import ClaudeSettings
from runner.errors import ConfigError

_LIMIT_S = 15.0


def check_key(settings: ClaudeSettings, limit_s: float = _LIMIT_S) -> Fault | None:
    """What is wrong with key, model or the way to the API, after at most `limit_s` seconds; None where a message could be asked for.

    Raises ConfigError where the environment names a proxy or certificates that cannot be used.
    """
    if unusable := settings.key_fault:
        return Fault("no_key", unusable, blocks=True)
    try:
        described = asyncio.run(_described(settings, limit_s))
    except ConfigError:
        raise
    except Exception as error:  # whatever the SDK raises, its meaning is a fault
        return fault_of(error, settings)
    # A portal's page comes with a 200 too, and the SDK takes it for a model.
    return None if described else page_fault(200, settings)


async def _described(settings: ClaudeSettings, limit_s: float) -> bool:
    import anthropic

    client = anthropic.AsyncAnthropic(
        api_key=settings.api_key.get_secret_value(),
        base_url=settings.base_url,
        max_retries=0,
        timeout=limit_s,
        open_telemetry=False,
        # A redirect would carry the key to wherever it points.
        http_client=bounded_client(follow_redirects=False),
    )
    async with asyncio.timeout(limit_s), client:
        found = await client.models.retrieve(settings.model)
    return getattr(found, "type", "") == "model"
