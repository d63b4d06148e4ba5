"""What was read of files, kept until one of them changes: whoever looks every few seconds reads nothing twice."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from pathlib import Path
from typing import Any, TypeVar

from runner.files.followed import stamp_of

T = TypeVar("T")


class Unchanged:
    """Keeps the newest reading under each name, and what it could not be read for."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[Hashable, Any, Exception | None]] = {}
        self.readings = 0  #: how often something was really read

    def of(self, name: str, paths: Iterable[Path], read: Callable[[], T], also: Hashable = None) -> T:
        """What `read` gives; what it gave where neither `paths` (files, or folders by their entries) nor `also` changed since.

        Raises what `read` raised, again without reading.
        """
        state = (*(stamp_of(path) for path in paths), also)
        kept = self._kept.get(name)
        if kept is None or kept[0] != state:
            self.readings += 1
            try:
                kept = (state, read(), None)
            except Exception as error:
                kept = (state, None, error.with_traceback(None))
            self._kept[name] = kept
        if kept[2] is not None:
            raise kept[2].with_traceback(None)
        return kept[1]
