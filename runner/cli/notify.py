"""`ribbon notify-test`: one notification to every configured service, and whether it went out."""

from __future__ import annotations

from lib import paths
from lib.errors import ParameterError
from runner.cli.options import AsJson, answer
from runner.errors import NotifyError
from runner.notify.settings import URLS_VARIABLE


def notify_test(
    as_json: AsJson = False,
) -> None:
    """Send a test notification to every configured service."""
    from runner.config import load_config
    from runner.notify.messages import Message
    from runner.notify.notifier import Notifier
    from runner.notify.untaken import note

    settings = load_config().section("notify")
    if not settings.addresses():
        raise ParameterError(
            f"notifications are off: set {URLS_VARIABLE} to apprise addresses (https://appriseit.com), e.g. ntfy://topic"
        )
    notifier = Notifier(settings)
    notifier.tell(Message("test", "Ribbon Lab", "This is a test."))
    notifier.close(settings.timeout_s + 1)
    counts = ", ".join(f"{count} {outcome}" for outcome, count in notifier.counts.items())
    answer([counts], dict(notifier.counts), as_json)
    if set(notifier.counts) == {"sent"}:
        note(paths.trading_data(), taken=True)
    else:
        raise NotifyError(
            "a service did not take the test message: check its address, and whether it can be reached"
        )
