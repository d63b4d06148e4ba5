"""What was appended to a file since the last look, for whoever only looks on: whole lines, each given once, without a lock.

A file that was replaced, cut, or changed where it had been read is given anew from its first line. One that did not change is not opened.
"""

from __future__ import annotations

from pathlib import Path

from lib.contract.standing import is_there, open_file

Stamp = tuple[int, int, int, int]


def stamp_of(path: Path) -> Stamp | None:
    """What changes when a file does: device, inode, size, time of change (ns); None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


class Followed:
    """Follows one file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.begin_anew()

    def begin_anew(self) -> None:
        """Give the whole file at the next look."""
        self._stamp: Stamp | None = None
        self._offset = 0
        self._last = b""  #: the line that was read last, which must still stand where it stood

    def poll(self) -> tuple[bool, list[bytes]]:
        """Whether what was given before is no longer so, and the whole lines that are new, without their ends. Raises OSError."""
        found = stamp_of(self.path)
        if found is None and is_there(self.path):
            open_file(self.path).close()  # which says why it cannot be read
        if found == self._stamp:
            return False, []
        goes_on = found is not None and self._goes_on(found)
        anew = not goes_on and self._offset > 0
        if not goes_on:
            self.begin_anew()
        if found is None:
            return anew, []
        with open_file(self.path) as file:
            file.seek(self._offset - len(self._last))
            if file.read(len(self._last)) != self._last:
                self.begin_anew()
                anew = True
                file.seek(0)
            *lines, _ = file.read().split(b"\n")
        self._stamp = found
        if lines:
            self._offset += sum(map(len, lines)) + len(lines)
            self._last = lines[-1] + b"\n"
        return anew, lines

    def _goes_on(self, found: Stamp) -> bool:
        """Whether the file can be the one that was read, with more in it."""
        return self._stamp is not None and found[:2] == self._stamp[:2] and found[2] > self._stamp[2]
