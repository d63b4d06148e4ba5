"""A file's bytes, whatever they are packed in, told by their first bytes and never by the file's name."""

from __future__ import annotations

import bz2
import gzip
import lzma
import zipfile
import zlib
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from lib.contract.standing import file_bytes, not_a_file, refuse_stand_in
from lib.errors import DataError, MissingDataError, file_remedy

_MOST = 2 << 30
_DEPTH = 3
_PACKED = {b"\x1f\x8b": ("gzip", gzip.open), b"BZh": ("bzip2", bz2.open), b"\xfd7zXZ\x00": ("xz", lzma.open)}
#: What is no table of text at all, and what to do about it.
_OTHERS = {
    b"(\xb5/\xfd": ("is packed with zstandard", "Unpack it first"),
    b"7z\xbc\xaf": ("is a 7z archive", "Unpack it first"),
    b"Rar!": ("is a rar archive", "Unpack it first"),
    b"%PDF": ("is a PDF", "Export it as CSV"),
    b"\xd0\xcf\x11\xe0": ("is an Excel workbook", "Save the sheet as CSV"),
    b"SQLite format 3": ("is a database", "Export it as CSV"),
    b"\x89HDF": ("is an HDF5 file", "Export it as CSV"),
    b"\x93NUMPY": ("is a numpy array", "Export it as CSV"),
}
#: A file that a packed table of a spreadsheet holds, and what such a table is.
_SHEETS = {
    "xl/workbook.xml": "is an Excel workbook",
    "xl/workbook.bin": "is an Excel workbook",
    "content.xml": "is a spreadsheet of LibreOffice",
    "Index/Document.iwa": "is a spreadsheet of Numbers",
}
_PAGES = (b"<!doctype", b"<html", b"<?xml", b"<head", b"<body", b"<table", b"<div", b"<error")
#: What to do about one.
PAGE_FIX = "Look at it: it may say why a download failed; what is a report is to be exported as CSV, or saved so by a spreadsheet"
_TAR = slice(257, 262)


@dataclass(frozen=True)
class Contents:
    """Unpacked bytes, and what they were packed in ("plain" where in nothing)."""

    data: bytes
    container: str


def unpack(path: Path) -> Contents:
    """The bytes of a file, unpacked. Raises MissingDataError, and DataError for what is damaged, several files, or no table."""
    if what := not_a_file(path):
        raise MissingDataError(what, path=path, fix="Give the path of a candle file")
    try:
        data = file_bytes(path)
    except OSError as error:
        raise DataError(
            f"the file cannot be read ({error.strerror})", path=path, fix=file_remedy(error)
        ) from error
    told: list[str] = []
    for _ in range(_DEPTH):
        packing = next((kind for magic, kind in _PACKED.items() if data.startswith(magic)), None)
        if packing:
            told.append(packing[0])
            data = _unpacked(path, data, *packing)
        elif data.startswith(b"PK\x03\x04"):
            name, data = _of_zip(path, data)
            told.append(f"zip of {name}")
        else:
            break
    _refuse_others(path, data)
    return Contents(data, ", ".join(told) or "plain")


def _unpacked(path: Path, data: bytes, kind: str, opener: object) -> bytes:
    try:
        with opener(BytesIO(data), "rb") as file:  # type: ignore[operator]
            return _bounded(path, file.read(_MOST + 1))
    except EOFError as error:
        raise DataError(
            f"the {kind} file cannot be read: it is cut short", path=path, fix="Fetch the file again"
        ) from error
    except (OSError, zlib.error, lzma.LZMAError) as error:
        problem = f"the {kind} file cannot be read: it is damaged ({error})"
        raise DataError(problem, path=path, fix="Fetch the file again") from error


def _of_zip(path: Path, data: bytes) -> tuple[str, bytes]:
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            names = archive.namelist()
            sheets = next((what for name, what in _SHEETS.items() if name in names), "")
            if sheets:
                raise DataError(sheets, path=path, fix="Save the sheet as CSV")
            kept = [name for name in names if not _is_aside(name)]
            if len(kept) != 1:
                told = f": {', '.join(kept[:5])}{' …' if len(kept) > 5 else ''}" if kept else ""
                problem = f"the zip holds {len(kept)} files{told}"
                raise DataError(problem, path=path, fix="Unpack it and give one of them")
            with archive.open(kept[0]) as file:
                return kept[0], _bounded(path, file.read(_MOST + 1))
    except RuntimeError as error:
        raise DataError(f"the zip cannot be read ({error})", path=path, fix="Unpack it first") from error
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
        problem = f"the zip cannot be read: it is damaged ({error})"
        raise DataError(problem, path=path, fix="Fetch the file again") from error


def _is_aside(name: str) -> bool:
    """What archives hold beside their file: folders, and notes of the system that packed them."""
    return name.endswith(("/", ".DS_Store", ".CHECKSUM")) or name.startswith("__MACOSX/")


def _bounded(path: Path, data: bytes) -> bytes:
    if len(data) > _MOST:
        raise DataError("unpacked it is larger than 2 GB", path=path, fix="Split it")
    return data


def _refuse_others(path: Path, data: bytes) -> None:
    for magic, (problem, fix) in _OTHERS.items():
        if data.startswith(magic):
            raise DataError(problem, path=path, fix=fix)
    refuse_stand_in(data, path)
    if data[_TAR] == b"ustar":
        raise DataError("is a tar archive", path=path, fix="Unpack it first")
    if is_page(data):
        raise DataError("is a web page or XML, no table", path=path, line=1, fix=PAGE_FIX)


def is_page(data: bytes) -> bool:
    """Whether a file is a web page or XML, such as a broker's report, whatever its name."""
    return data[:500].lstrip(b"\xef\xbb\xbf \r\n\t").lower().startswith(_PAGES)
