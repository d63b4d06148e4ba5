"""A question's file: what it must say and may use, read without running it.

A question is one Python file. Its name is the file's, its docstring says what is claimed and whose idea it is, `directions` answers it, and
`EXITS`, if it is there, holds exits of its own. What would surprise: nothing here runs a line of it. What it may import and name is read
from its text; that is no prison, but keeps a question from reading a file that knows the future (docs/decisions/questions.md).
"""

from __future__ import annotations

import ast
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from lib.contract.lines import file_lines
from lib.contract.standing import file_bytes, not_a_file, resolved
from lib.errors import MissingDataError, QuestionError
from lib.market.exits import ExitRule

NAME = re.compile(r"[a-z][a-z0-9_]{2,30}")
FUNCTION, EXITS = "directions", "EXITS"
ARGUMENTS = ("candles", "ribbon_5min", "ribbon_15min")
#: Rooms of lib that only compute; the others read files, in which the future stands.
ROOMS = ("lib.contract", "lib.market", "lib.questions.saying", "lib.stats")
_FREE = ("numpy", "pandas", "math", "__future__")
#: Names that run or read what is not in the file.
_FORBIDDEN = {"__import__", "breakpoint", "compile", "eval", "exec", "globals", "input", "open"}
_READERS = re.compile(
    r"read_\w+|load\w*|from(file|regex)|genfromtxt|memmap|open_memmap|to_(pickle|csv|parquet)"
)
#: No target: one that no price reaches.
NO_TARGET_PCT = 1e6
LONGEST_HOLD_MINUTES = 1440.0
_MOST_BYTES = 200_000
_KEYS = {"stop_pct": (0.0, 50.0), "target_pct": (0.0, 500.0), "hold_minutes": (0.0, LONGEST_HOLD_MINUTES)}


@dataclass(frozen=True)
class OwnExits:
    """Exits of a question's own: a stop always; target and hold only where it says some. Percent of the entry price, and minutes."""

    stop_pct: float
    target_pct: float | None = None
    hold_minutes: float | None = None


@dataclass(frozen=True)
class Question:
    """A question as its file says it; `sha256` is the file's, so that a changed file is another question."""

    name: str
    claim: str  #: the docstring
    sha256: str
    text: str
    path: Path
    own_exits: OwnExits | None

    def exits(self, standard: ExitRule) -> ExitRule:
        """Its exits: its own, a hold that it does not say taken from the `standard` ones; those where it has none."""
        own = self.own_exits
        if own is None:
            return standard
        target = NO_TARGET_PCT if own.target_pct is None else own.target_pct
        return ExitRule(target, own.stop_pct, own.hold_minutes or standard.hold_minutes)

    @property
    def exits_line(self) -> int | None:
        """The line of its EXITS; None without."""
        found = re.search(rf"^{EXITS}\b", self.text, re.MULTILINE)
        return self.text.count("\n", 0, found.start()) + 1 if found else None

    @property
    def title(self) -> str:
        """The first sentence of what it claims."""
        return " ".join(self.claim.split("\n\n")[0].split())


def read_question(path: str | Path) -> Question:
    """The question of a file. Raises MissingDataError without one, QuestionError naming file, line, text and remedy."""
    place = resolved(path)
    if what := not_a_file(place):
        raise MissingDataError(
            what,
            path=place,
            fix="Name the question's Python file; notebooks/questions/ has examples",
        )
    data = file_bytes(place)
    if place.suffix != ".py" or not NAME.fullmatch(place.stem):
        raise QuestionError(
            f"{place.name!r} is no name of a question",
            path=place,
            fix="Call the file like wick_down.py: 3 to 31 small letters, digits or _, a letter first",
        )
    text = _text(data, place)
    reader = _Reader(place, text)
    tree = reader.tree()
    claim = ast.get_docstring(tree)
    if not claim or len(claim.split()) < 3:
        reader.refuse(
            1,
            "it has no docstring that says what is claimed",
            'Begin it with """What is claimed. Source: whose idea."""',
        )
    reader.own_names = {
        node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    for node in ast.walk(tree):
        reader.check(node)
    reader.check_function(tree)
    return Question(place.stem, claim, hashlib.sha256(data).hexdigest(), text, place, reader.own_exits(tree))


def _text(data: bytes, place: Path) -> str:
    if len(data) > _MOST_BYTES:
        raise QuestionError(
            f"it has {len(data):,} bytes", path=place, fix="A question is a small file: at most 200,000"
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise QuestionError("it is no UTF-8 text", path=place, line=line, fix="Save it as UTF-8") from None


class _Reader:
    """One file's text, and what is wrong with a place in it."""

    def __init__(self, path: Path, text: str) -> None:
        self.path = path
        self.lines = file_lines(text)
        self.text = text
        self.own_names: set[str] = set()  #: names that the file gives a value

    def tree(self) -> ast.Module:
        try:
            return ast.parse(self.text)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:  # too deep is told as either
            line = getattr(error, "lineno", None) or 1
            self.refuse(
                line,
                f"it is no Python ({getattr(error, 'msg', None) or str(error) or 'too deep'})",
                "Put that line right",
            )

    def refuse(self, line: int, problem: str, fix: str) -> NoReturn:
        shown = self.lines[line - 1].strip()[:80] if 0 < line <= len(self.lines) else ""
        raise QuestionError(
            f"{problem}: `{shown}`" if shown else problem, path=self.path, line=line or None, fix=fix
        )

    def check(self, node: ast.AST) -> None:
        """Refuse an import that is not allowed, and a name that reads what no row knows."""
        for module in _imported(node):
            if not _is_allowed(module):
                rooms = ", ".join(ROOMS)
                self.refuse(
                    node.lineno,
                    f"it may not import {module or 'a neighbour'}",
                    f"Allowed are numpy, pandas, math, {rooms}",
                )
        if name := self._forbidden(node):
            self.refuse(
                node.lineno, f"it may not use {name}", "A question knows its three arguments and nothing else"
            )

    def _forbidden(self, node: ast.AST) -> str:
        """The name that a question may not use, "" for another. One that the file gives a value itself (open, high = …) is its own."""
        if isinstance(node, ast.Name):
            return node.id if node.id in _FORBIDDEN - self.own_names else ""
        if isinstance(node, ast.Attribute) and (_READERS.fullmatch(node.attr) or node.attr.startswith("__")):
            return node.attr
        return ""

    def check_function(self, tree: ast.Module) -> None:
        """Refuse a file without `directions` of three arguments."""
        found = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == FUNCTION]
        self.check_names(tree)
        wanted = f"def {FUNCTION}({', '.join(ARGUMENTS)})"
        if not found:
            self.refuse(
                0,
                f"it has no function {FUNCTION}",
                f"Write {wanted}: it says LONG, SHORT or nothing of each row",
            )
        given = found[-1].args
        if len(given.posonlyargs + given.args) != len(ARGUMENTS) or given.vararg or given.kwonlyargs:
            self.refuse(found[-1].lineno, f"{FUNCTION} does not take three arguments", f"Write {wanted}")

    def check_names(self, tree: ast.Module) -> None:
        """Refuse a second `directions`, and a name that differs from it or from EXITS in large and small letters alone."""
        given = [pair for node in tree.body for pair in _names_given(node)]
        for name, line in given:
            near = (word for word in (FUNCTION, EXITS) if name.lower() == word.lower() and name != word)
            wanted = next(near, None)
            if wanted:
                self.refuse(line, f"{name} is not {wanted}", f"Write {wanted}, or give it a name of its own")
        lines = [line for name, line in given if name == FUNCTION]
        if len(lines) > 1:
            told = " and ".join(str(line) for line in lines)
            self.refuse(
                lines[-1],
                f"{FUNCTION} is given in lines {told}",
                "Only the last would count: leave one of them",
            )

    def own_exits(self, tree: ast.Module) -> OwnExits | None:
        """What EXITS says, None without one. Only its one line is read, so nothing else may give or change it."""
        given, read = None, set()
        for node in ast.walk(tree):
            if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
                read.add(node.value)
        for node in tree.body:
            target = _target(node)
            if given is None and isinstance(target, ast.Name) and target.id == EXITS:
                given = node
                read.add(target)
        for node in ast.walk(tree):
            if isinstance(node, ast.Name) and node.id == EXITS and node not in read:
                fix = f"Write {EXITS} = {{…}} once, at the left edge, and change nothing of it"
                self.refuse(
                    node.lineno, f"{EXITS} is given or changed elsewhere than in one line of its own", fix
                )
        return None if given is None else self._exits(given)

    def _exits(self, node: ast.Assign | ast.AnnAssign) -> OwnExits:
        fix = f'Write {EXITS} = {{"stop_pct": 0.5, "target_pct": 1.0, "hold_minutes": 120}}; the stop must be there'
        try:
            told = ast.literal_eval(node.value)
        except (ValueError, TypeError, SyntaxError):
            self.refuse(node.lineno, f"{EXITS} is not written out as plain numbers", fix)
        if not isinstance(told, dict):
            self.refuse(node.lineno, f"{EXITS} is no {{…}} of {', '.join(_KEYS)}", fix)
        if wrong := [str(key) for key in told if key not in _KEYS]:
            keys = ", ".join(_KEYS)
            self.refuse(
                node.lineno, f"{EXITS} says {', '.join(wrong)}; its keys are {keys} and no other", fix
            )
        if "stop_pct" not in told:
            self.refuse(node.lineno, f"{EXITS} has no stop_pct, and a stop is compulsory", fix)
        for key, value in told.items():
            low, high = _KEYS[key]
            if isinstance(value, bool) or not isinstance(value, int | float) or not low < value <= high:
                # A whole number of thousands of digits cannot be shown.
                told = "" if isinstance(value, int) and abs(value) > _MOST_BYTES else f"{value!r} "
                self.refuse(node.lineno, f"{key} {told}is no number above {low:g} and at most {high:g}", fix)
        return OwnExits(**{key: float(value) for key, value in told.items()})


def _names_given(node: ast.stmt) -> list[tuple[str, int]]:
    """Names that a statement at the left edge gives a value, with their lines."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [(node.name, node.lineno)]
    return [
        (each.id, each.lineno)
        for each in ast.walk(node)
        if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)
    ]


def _target(node: ast.AST) -> ast.AST | None:
    """What a plain assignment gives its value to; None for any other statement."""
    if isinstance(node, ast.Assign) and len(node.targets) == 1:
        return node.targets[0]
    return node.target if isinstance(node, ast.AnnAssign) else None


def _imported(node: ast.AST) -> list[str]:
    """Modules that a statement imports; "" for one of a neighbour (`from . import`)."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        if node.level or not node.module:
            return [""]
        # `from lib import market` names the room behind the word.
        return [f"lib.{alias.name}" for alias in node.names] if node.module == "lib" else [node.module]
    return []


def _is_allowed(module: str) -> bool:
    return module.split(".")[0] in _FREE or any(
        module == room or module.startswith(f"{room}.") for room in ROOMS
    )
