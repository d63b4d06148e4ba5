"""What stands where a file or a folder should: nothing, a folder, a link to nowhere, or a pipe; and paths that lead nowhere at all."""

from __future__ import annotations

from pathlib import Path

from lib.errors import MissingDataError


def not_a_file(path: Path) -> str:
    """In words why there is no file to be read at `path`; "" where there is one."""
    if path.is_file():
        return ""
    if path.is_dir():
        return "this is a folder, not a file"
    if path.exists():
        return "this is a pipe or a device, not a file: write what comes out of it to a file first"
    if path.is_symlink():
        return f"this is a link that leads nowhere (to {str(path.readlink())!r})"
    return "there is no such file"


def not_a_folder(path: Path) -> str:
    """In words why there is no folder at `path`; "" where there is one."""
    if path.is_dir():
        return ""
    if path.exists():
        return "this is a file, not a folder"
    if path.is_symlink():
        return f"this is a link that leads nowhere (to {str(path.readlink())!r})"
    return "there is no such folder"


def expanded(path: str | Path) -> Path:
    """`path` with its `~` as the home it stands for. Raises MissingDataError where it is nobody's."""
    try:
        return Path(path).expanduser()
    except RuntimeError as error:
        raise _nowhere(path, error) from None


def resolved(path: str | Path, beside: Path | None = None) -> Path:
    """`path` in full, from the folder `beside`. Raises MissingDataError where it leads in a circle, to nobody's home, or holds a NUL."""
    try:
        return ((beside or Path()) / expanded(path)).resolve()
    except (RuntimeError, ValueError) as error:  # RuntimeError: up to Python 3.12, of a circle of links
        raise _nowhere(path, error) from None


def _nowhere(path: str | Path, error: Exception) -> MissingDataError:
    return MissingDataError(f"the path {str(path)!r} leads nowhere ({error})", fix="Name another one")
