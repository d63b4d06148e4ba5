"""Write docs/reference/mutants.md from what `make mutants` found. Usage: python -m scripts.write_mutants [ROOM…]

Each room named is taken from `.mutants/ROOM` into docs/reference/mutants.json, where people write their answers; the page is made of that
file. An answer belongs to a change in a function, not to a line or a number, so it stays when a room is run again.
"""

from __future__ import annotations

import ast
import difflib
import json
import re
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from scripts.made_page import REFERENCE, ROOT, MadePage, keep, kept

WORK = ROOT / ".mutants"
PAGE = MadePage(REFERENCE / "mutants.md", "write_mutants")
#: The tool's exit codes of one mutant's tests; what is none of these ran out of time or of the machine.
KILLED, SURVIVED, UNREACHED = (1, 3), (0,), (5, 33)
COUNTS = ("made", "tried", "killed", "survived", "unreached", "timed_out")
#: The name of a mutant, or of the function that it is one of: the mangled function and a number, or orig.
_NUMBERED = re.compile(r"(?P<function>.+)__mutmut_(?:\d+|orig)$")


def results_of(room: str) -> dict[str, Any]:
    """Counts and survivors of a room as its workplace has them; raises SystemExit where it was never run."""
    place, codes, survivors, unreached = WORK / room / "mutants", [], [], Counter()
    metas = sorted(place.rglob("*.py.meta"))
    if not metas:
        sys.exit(f"{place}: nothing there yet; run `make mutants ROOM={room}`")
    for meta in metas:
        where = str(meta.relative_to(place).with_suffix(""))
        results = json.loads(meta.read_text(encoding="utf-8"))["exit_code_by_key"]
        codes += results.values()
        changes = Changes(place / where, ROOT / where)
        for name, code in results.items():
            if code in SURVIVED:
                survivors.append({"where": where} | changes.of(name.rpartition(".")[2]))
            elif code in UNREACHED:
                unreached[f"{where} {plain(name.rpartition('.')[2])}"] += 1
    return {
        "on": datetime.now(UTC).date().isoformat(),
        **counted(codes),
        "unreached_in": dict(sorted(unreached.items())),
        "survivors": sorted(survivors, key=lambda found: (found["where"], found["line"], found["became"])),
    }


def counted(codes: list[int | None]) -> dict[str, int]:
    """How many mutants ended how; `made` counts those that were not tried too."""
    tried = [code for code in codes if code is not None]
    numbers = {
        "made": len(codes),
        "tried": len(tried),
        "killed": sum(code in KILLED for code in tried),
        "survived": sum(code in SURVIVED for code in tried),
        "unreached": sum(code in UNREACHED for code in tried),
    }
    return numbers | {"timed_out": numbers["tried"] - sum(list(numbers.values())[2:])}


def plain(mangled: str) -> str:
    """A function's own name: `Journal.append` of `xǁJournalǁappend__mutmut_3`."""
    found = _NUMBERED.match(mangled)
    name = found["function"] if found else mangled
    return name[2:].replace("ǁ", ".") if name.startswith("xǁ") else name.removeprefix("x_")


class Changes:
    """What each mutant of one file changed: the tool's file has every function beside its mutants."""

    def __init__(self, made: Path, source: Path) -> None:
        text = made.read_text(encoding="utf-8")
        self._lines = text.splitlines()
        self._made = {node.name: node for _, node in _functions(ast.parse(text))}
        self._source = dict(_functions(ast.parse(source.read_text(encoding="utf-8"))))

    def of(self, mutant: str) -> dict[str, Any]:
        """Function, line of the source, what stood there and what stood there instead."""
        mangled = _NUMBERED.match(mutant)["function"]
        before, after = self._text(f"{mangled}__mutmut_orig"), self._text(mutant)
        blocks = difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
        changed = [block for block in blocks if block[0] != "equal"]
        begin, end = changed[0][1], changed[-1][2]
        name = plain(mutant)
        # A function that has gone since has no line; the room is to be run again.
        line = self._source[name].lineno + begin if name in self._source else 0
        return {
            "function": name,
            "line": line,
            "was": _joined(before[begin:end]),
            "became": _joined(after[changed[0][3] : changed[-1][4]]),
        }

    def _text(self, name: str) -> list[str]:
        """The lines of a function beside its mutants, under the name that it has in the source: its defaults may stand in the first one."""
        node = self._made[name]
        first, *others = self._lines[node.lineno - 1 : node.end_lineno]
        return [first.replace(name, plain(name).rpartition(".")[2], 1), *others]


def _functions(
    tree: ast.AST, inside: str = ""
) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{inside}{node.name}", node
        elif isinstance(node, ast.ClassDef):
            yield from _functions(node, f"{inside}{node.name}.")


def _joined(lines: list[str]) -> str:
    return " ".join(line.strip() for line in lines)


def with_answers(results: dict[str, Any], earlier: dict[str, Any]) -> dict[str, Any]:
    """The results, each survivor with the answer that its change had before."""
    known = {_key(found): found["answer"] for found in earlier.get("survivors", [])}
    survivors = [found | {"answer": known.get(_key(found), "")} for found in results["survivors"]]
    return results | {"survivors": survivors}


def _key(found: dict[str, Any]) -> tuple[str, ...]:
    return tuple(found[name] for name in ("where", "function", "was", "became"))


def page(found: dict[str, Any]) -> str:
    """The made part of the page: counts by room, then each survivor with its answer."""
    head = "| room | on | " + " | ".join(name.replace("_", " ") for name in COUNTS) + " |"
    rows = [
        f"| `{room}` | {results['on']} | {' | '.join(f'{results[name]:,}' for name in COUNTS)} |"
        for room, results in found.items()
    ]
    table = [head, "|" + "---|" * (len(COUNTS) + 2), *rows]
    return "\n".join([*table, "", *(line for room in found.items() for line in _room(*room))])


def _room(room: str, results: dict[str, Any]) -> Iterator[str]:
    yield from (f"## {room}", "")
    if results["unreached_in"]:
        told = ", ".join(
            f"`{name.partition(' ')[2]}` ({count})" for name, count in results["unreached_in"].items()
        )
        yield from (f"Not reached by a fast test of the room in its own process: {told}.", "")
    for where, survivors in groupby(results["survivors"], lambda found: found["where"]):
        yield from (f"### {where}", "")
        for survivor in survivors:
            was, became = difference(survivor["was"], survivor["became"])
            change = f"{_code(was)} becomes {_code(became)}"
            yield f"- Line {survivor['line']}, `{survivor['function']}`, in {_code(survivor['was'])}: {change}."
            yield f"  {survivor['answer'] or 'No answer yet.'}"
        yield ""


def difference(was: str, became: str) -> tuple[str, str]:
    """What differs in two lines, in whole words."""
    before, after = (re.findall(r"\w+|\s+|.", text) for text in (was, became))
    same = _alike(before, after)
    behind = _alike(before[same:][::-1], after[same:][::-1])
    cut = [slice(same, len(words) - behind) for words in (before, after)]
    return "".join(before[cut[0]]).strip(), "".join(after[cut[1]]).strip()


def _alike(before: list[str], after: list[str]) -> int:
    """How many words two lines begin with alike."""
    pairs = zip(before, after, strict=False)
    return next(
        (place for place, (one, other) in enumerate(pairs) if one != other), min(len(before), len(after))
    )


def _code(text: str) -> str:
    if not text:
        return "nothing"
    return f"`` {text} ``" if "`" in text else f"`{text}`"


def main(*rooms: str) -> None:
    """Take in the rooms and write the page anew."""
    found = kept(PAGE)
    for room in rooms:
        found[room] = with_answers(results_of(room), found.get(room, {}))
    keep(PAGE, found)
    PAGE.write(page(found))
    open_ones = sum(not survivor["answer"] for results in found.values() for survivor in results["survivors"])
    print(f"{PAGE.path.relative_to(ROOT)}: {open_ones} survivors without an answer")


if __name__ == "__main__":
    main(*sys.argv[1:])
