"""`ribbon notify-test`: one notification to every configured service, and whether it went out."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from lib.errors import ParameterError
from runner.errors import NotifyError
from runner.notify.settings import URLS_VARIABLE, NotifySettings


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command("notify-test")(notify_test)


def notify_settings() -> NotifySettings:
    """The settings in force."""
    from runner.config import load_config

    return load_config().section("notify")


def notify_test(
    json_output: Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout.")] = False,
) -> None:
    """Send a test notification to every configured service."""
    from runner.notify.messages import Message
    from runner.notify.notifier import Notifier

    settings = notify_settings()
    if not settings.addresses():
        raise ParameterError(
            f"notifications are off: set {URLS_VARIABLE} to apprise addresses (https://appriseit.com), e.g. ntfy://topic"
        )
    notifier = Notifier(settings)
    notifier.tell(Message("test", "Ribbon Lab", "This is a test."))
    notifier.close(settings.timeout_s + 1)
    typer.echo(", ".join(f"{count} {outcome}" for outcome, count in notifier.counts.items()), err=True)
    if json_output:
        typer.echo(json.dumps(dict(notifier.counts)))
    if set(notifier.counts) != {"sent"}:
        raise NotifyError(
            "a service did not take the test message: check its address, and whether it can be reached"
        )
