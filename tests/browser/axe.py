"""The accessibility checker axe-core, as a registry package ships it, on a page in the browser."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from selenium.webdriver.remote.webdriver import WebDriver

#: Widths in CSS pixels with schemes: a desk and a phone.
LOOKS = ((1280, "light"), (390, "light"), (390, "dark"))
#: Of its four grades (minor, moderate, serious, critical) those that are none of taste.
_GRAVE = ("moderate", "serious", "critical")
_RUN = """const done = arguments[arguments.length - 1];
axe.run(document, {resultTypes: ["violations"]}).then(found => done(found.violations), error => done(String(error)));"""


@cache
def _script() -> str:
    return files("selenium_axe_python").joinpath("axe-core", "axe.min.js").read_text(encoding="utf-8")


def look_as(browser: WebDriver, width: int, scheme: str) -> None:
    """Show pages from now on so wide, in CSS pixels, and to a reader who prefers a `light` or a `dark` scheme."""
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})


def faults(browser: WebDriver, page: Path) -> list[str]:
    """The faults of a page with what they are found on, one line each; everything that is folded is opened first."""
    browser.get(page.as_uri())
    browser.execute_script("document.querySelectorAll('details').forEach(part => { part.open = true; })")
    browser.execute_script(_script())
    found: Any = browser.execute_async_script(_RUN)
    assert isinstance(found, list), found
    return [
        f"{page.name}: {fault['id']} ({fault['impact']}): {node['target']} {node['html'][:120]}"
        for fault in found
        if fault["impact"] in _GRAVE
        for node in fault["nodes"]
    ]
