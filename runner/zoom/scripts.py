"""The scripts of the chart: bokeh's own, as its package ships them, and the small one that calls them.

Bokeh is never imported: only the place of its package is asked for. In `outputs/` the scripts stand once, in `assets/`, under names that
change with what is in them, so that an old report keeps the scripts that it was made for.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from lib.contract.standing import file_bytes, file_text
from lib.data.atomic import replace_text

ASSETS = "assets"
_STATIC = Path(__file__).with_name("static")
_OWN = "zoom.js"


@cache
def scripts() -> dict[str, Path]:
    """Name in a page → file, in the order in which they must run; empty where the package is not there."""
    spec = find_spec("bokeh")
    if spec is None or not spec.submodule_search_locations:
        return {}
    shipped = Path(spec.submodule_search_locations[0]) / "server" / "static" / "js"
    own = _STATIC / _OWN
    names = {f"zoom-{hashlib.sha256(file_bytes(own)).hexdigest()[:8]}.js": own}
    of_bokeh = version("bokeh")
    for stem in ("bokeh", "bokeh-api"):
        names[f"{stem}-{of_bokeh}.min.js"] = shipped / f"{stem}.min.js"
    return names if all(path.is_file() for path in names.values()) else {}


@cache
def style() -> str:
    """The rules for the chart and its still picture."""
    return file_text(_STATIC / "zoom.css")


def leave_scripts(outputs: Path) -> bool:
    """Have the scripts in `assets/` of `outputs`; copied only where missing or of another size. False where that is impossible."""
    found = scripts()
    folder = outputs / ASSETS
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        for name, path in found.items():
            target = folder / name
            if not target.is_file() or target.stat().st_size != path.stat().st_size:
                replace_text(target, file_bytes(path).decode())
        return bool(found)
    return False
