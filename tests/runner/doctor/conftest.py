"""A set-up to be examined, healthy unless something is changed."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from runner.claude.settings import ClaudeSettings
from runner.doctor.findings import Installation
from runner.notify.settings import NotifySettings


@pytest.fixture
def patient(tmp_path, monkeypatch) -> Callable[..., Installation]:
    monkeypatch.delenv("RIBBON_NOTIFY__URLS", raising=False)
    monkeypatch.delenv("RIBBON_CHROME", raising=False)

    def make(**changed: object) -> Installation:
        fields = {
            "trading_data": tmp_path / "data",
            "outputs": tmp_path / "outputs",
            "claude": ClaudeSettings(api_key="sk-ant-canary"),
            "notify": NotifySettings(),
            "config": tmp_path / "ribbon.toml",
            "ask_network": False,
        }
        return Installation(**(fields | changed))  # type: ignore[arg-type]

    return make
