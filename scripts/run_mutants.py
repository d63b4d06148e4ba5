"""Change the code of a room in small ways, one at a time, and see whether a test fails. Usage: python -m scripts.run_mutants ROOM [SHARE]

The tool is mutmut: it writes all mutants of a function beside it, runs the room's tests once to see which reach which function, then forks
one process a mutant, which runs those tests alone. What was found stays in `.mutants/ROOM`, so that an interrupted run goes on; a function
that changed is asked anew, and so is what survived once a test changed. SHARE (0 to 1) takes that part of them, always the same.

What it changes is chosen here: no texts for people, no log lines, and nothing that could only end in a TypeError (an argument that becomes
None); but calls that are left out, conditions turned round and halves of `and` and `or`, which mutmut itself does not do.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path

import libcst as cst
from mutmut import __main__ as mutmut
from mutmut.configuration import reset_config
from mutmut.mutation import mutators

ROOT = Path(__file__).resolve().parent.parent
WORK = ROOT / ".mutants"
#: The rooms in the order of their cost: where the code stands, and the tests that are about it.
ROOMS = {
    "files": (
        "runner/files",
        ("tests/runner/files", "tests/runner/fetch/test_gaps.py", "tests/runner/fetch/test_candles.py"),
    ),
    "published": ("lib/published", ("tests/lib/published",)),
    "exchange": ("runner/exchange", ("tests/runner/exchange",)),
    "trade": ("runner/trade", ("tests/runner/trade", "tests/runner/replay")),
    "claude": ("runner/claude", ("tests/runner/claude",)),
}
#: What the tests need beside the code; links, so that a workplace is never older than the house.
LINKED = ("lib", "runner", "tests", "docs", "notebooks", "constraints.txt")
#: A survivor's tests take so many times as long at most, after so many seconds more: the machine may be busy.
TIMES, SECONDS = 8.0, 20.0
#: Mutants tried at once: most tests of these rooms wait for a server or a clock of their own.
AT_ONCE = 4 * (os.cpu_count() or 1)
LEFT_OUT = (
    mutators.operator_string,
    mutators.operator_arg_removal,
    mutators.operator_assignment,
    mutators.operator_augmented_assignment,
    mutators.operator_dict_arguments,
)


def words(node: cst.SimpleString) -> Iterable[cst.CSTNode]:
    """Another word for one that code reads; texts for people, which have blanks, stay."""
    inside = node.raw_value
    if inside and " " not in inside and "\\" not in inside and not node.quote.startswith(('"""', "'''")):
        yield node.with_changes(value=f"{node.prefix}{node.quote}XX{inside}XX{node.quote}")


def left_out_arguments(node: cst.Call) -> Iterable[cst.CSTNode]:
    """The call without one of its named arguments: is its default the same? What an error tells is for people, `strict` guards us."""
    if isinstance(node.func, cst.Name) and node.func.value.endswith("Error"):
        return
    for place, argument in enumerate(node.args):
        if argument.keyword is not None and argument.keyword.value != "strict":
            yield node.with_changes(args=[*node.args[:place], *node.args[place + 1 :]])


def left_out_calls(node: cst.Expr) -> Iterable[cst.CSTNode]:
    """A statement that only calls, left out."""
    if isinstance(node.value, cst.Call):
        yield node.with_changes(value=cst.Name("None"))


def forgotten_state(node: cst.Assign) -> Iterable[cst.CSTNode]:
    """What an object would remember, forgotten."""
    if isinstance(node.targets[0].target, cst.Attribute) and not _is_none(node.value):
        yield node.with_changes(value=cst.Name("None"))


def turned_round(node: cst.If) -> Iterable[cst.CSTNode]:
    """The other branch, where the condition is no comparison that is changed by itself."""
    if isinstance(node.test, cst.Name | cst.Attribute | cst.Call | cst.NamedExpr):
        inner = node.test.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
        yield node.with_changes(test=cst.UnaryOperation(cst.Not(), inner))


def halves(node: cst.BooleanOperation) -> Iterable[cst.CSTNode]:
    """Either half of an `and` or `or`."""
    yield node.left.with_changes(lpar=[*node.lpar, *node.left.lpar], rpar=[*node.left.rpar, *node.rpar])
    yield node.right.with_changes(lpar=[*node.lpar, *node.right.lpar], rpar=[*node.right.rpar, *node.rpar])


def _is_none(node: cst.BaseExpression) -> bool:
    return isinstance(node, cst.Name) and node.value == "None"


def choose_operators() -> None:
    """Put our choice in the place of the tool's own."""
    mutators.mutation_operators[:] = [
        *((kind, change) for kind, change in mutators.mutation_operators if change not in LEFT_OUT),
        (cst.SimpleString, words),
        (cst.Call, left_out_arguments),
        (cst.Expr, left_out_calls),
        (cst.Assign, forgotten_state),
        (cst.If, turned_round),
        (cst.BooleanOperation, halves),
    ]
    for connective in (cst.And, cst.Or):
        mutators._operator_mapping.pop(connective)


def settings(room: str) -> str:
    """The workplace's pyproject.toml: the tool's settings, and how this project's tests are run."""
    code, tests = ROOMS[room]
    whole = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    begin = whole.index("[tool.pytest.ini_options]")
    # The tool's own copies of a function may compare with a literal by `is not`.
    pytest = whole[begin : whole.index("\n[tool.", begin)].replace(
        '"error",', '"error", "ignore::SyntaxWarning",'
    )
    chosen = {
        "source_paths": ["lib", "runner"],
        "only_mutate": [f"{code}/*"],
        "do_not_mutate": ["runner/claude/example.py"],  # figures of a prompt that is shown
        "do_not_mutate_patterns": [r"\bLOG\.", "strict=", r"^\s*f\""],
        "pytest_add_cli_args_test_selection": list(tests),
        "pytest_add_cli_args": ["-p", "no:cacheprovider", "-m", "not slow and not browser and not serial"],
        "also_copy": ["docs", "notebooks", "constraints.txt"],
        "timeout_multiplier": TIMES,
        "timeout_constant": SECONDS,
        "use_git_change_detection": False,
        "track_dependencies": False,
    }
    lines = [f"{name} = {json.dumps(value)}" for name, value in chosen.items()]
    return "\n".join(["[tool.mutmut]", *lines, "", pytest])


def make_workplace(room: str) -> Path:
    """The folder a room's mutants live in: kept as long as this module says the same mutants, else made anew."""
    place, tool = WORK / room, _hash_of([Path(__file__)])
    made_by = place / "made-by"
    if place.exists() and not (made_by.is_file() and made_by.read_text() == tool):
        shutil.rmtree(place)
    place.mkdir(parents=True, exist_ok=True)
    for name in LINKED:
        if not (place / name).is_symlink():
            (place / name).symlink_to(ROOT / name)
    shutil.rmtree(
        place / "mutants" / "tests", ignore_errors=True
    )  # copied anew: a test that is gone proves nothing
    (place / "pyproject.toml").write_text(settings(room), encoding="utf-8")
    made_by.write_text(tool)
    return place


def ask_survivors_again(room: str, place: Path) -> None:
    """Forget what survived, and which test reaches what, if a test has changed since."""
    tests = _hash_of(sorted(path for folder in ROOMS[room][1] for path in _modules(ROOT / folder)))
    seen = place / "tests-seen"
    if seen.is_file() and seen.read_text() != tests:
        (place / "mutants" / "mutmut-stats.json").unlink(missing_ok=True)
        for path in sorted(place.glob(f"mutants/{ROOMS[room][0]}/*.meta")):
            meta = json.loads(path.read_text(encoding="utf-8"))
            codes = meta["exit_code_by_key"]
            meta["exit_code_by_key"] = {
                name: code if code in (1, 3) else None for name, code in codes.items()
            }
            path.write_text(json.dumps(meta), encoding="utf-8")
    seen.write_text(tests)


def _modules(place: Path) -> list[Path]:
    return [place] if place.is_file() else list(place.rglob("*.py"))


def _hash_of(paths: Iterable[Path]) -> str:
    return hashlib.sha256(b"".join(path.read_bytes() for path in paths)).hexdigest()


def in_sample(name: str, share: float) -> bool:
    """Whether a mutant is of the sample; a larger sample holds every smaller one."""
    return int(hashlib.sha256(name.encode()).hexdigest()[:8], 16) < share * 16**8


def take_sample(share: float) -> None:
    """Let the tool see only a share of the mutants it made."""
    found = mutmut.collect_source_file_mutation_data

    def sampled(*, mutant_names: tuple[str, ...]) -> tuple[list, dict]:
        mutants, by_path = found(mutant_names=mutant_names)
        return [row for row in mutants if in_sample(row[1], share)], by_path

    mutmut.collect_source_file_mutation_data = sampled


def run(room: str, share: float = 1.0) -> None:
    """All mutants of a room that have no result yet."""
    place = make_workplace(room)
    ask_survivors_again(room, place)
    os.chdir(place)
    reset_config()  # it was read where this process began
    # Processes that tests start find the mutants too, not the house.
    os.environ["PYTHONPATH"] = str(place / "mutants")
    sys.path[:] = [path for path in sys.path if Path(path or ".").resolve() not in (ROOT, place)]
    choose_operators()
    take_sample(share)
    mutmut._run((), AT_ONCE)


if __name__ == "__main__":
    run(sys.argv[1], *map(float, sys.argv[2:3]))
