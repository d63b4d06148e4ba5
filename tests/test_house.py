"""The rules of the house that a machine can check: files that hold together, no trace of a machine, sizes."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from lib.contract.analyzers import ANALYZERS
from lib.paths import repository_root

ROOT = repository_root()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LONGEST_MODULE = 300
LONGEST_FUNCTION = 50


def kept_files() -> list[Path]:
    """Every file that is in git or would be added to it."""
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    if listing.returncode:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listing.stdout.split("\0") if name and (ROOT / name).is_file()]


def sources(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


# Files that hold together


def all_requirements() -> list[Requirement]:
    extras = PROJECT["optional-dependencies"].values()
    return [Requirement(line) for lines in (PROJECT["dependencies"], *extras) for line in lines]


def pins() -> list[Requirement]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    return [Requirement(line) for line in lines if not line.startswith("#")]


def test_environment_installs_the_project_and_names_nothing_of_its_own():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    conda = [row for row in environment["dependencies"] if isinstance(row, str)]
    (pip,) = [row["pip"] for row in environment["dependencies"] if isinstance(row, dict)]
    python = Requirement(conda[0].replace("=", "==", 1))
    assert (python.name, conda[1:]) == ("python", ["pip"])
    assert pip == ["--constraint constraints.txt", "--editable .[dev]"]
    (version,) = [specifier.version for specifier in python.specifier]
    assert Requirement(f"python{PROJECT['requires-python']}").specifier.contains(version)
    assert environment["name"] == PROJECT["name"]


def test_every_requirement_has_a_pin_that_satisfies_it_on_every_python():
    for requirement in all_requirements():
        name = canonicalize_name(requirement.name)
        for python in ("3.11", "3.12", "3.13"):
            fitting = [
                pin
                for pin in pins()
                if canonicalize_name(pin.name) == name
                and (not pin.marker or pin.marker.evaluate({"python_version": python}))
            ]
            assert len(fitting) == 1, (
                f"{name} has {len(fitting)} pins on Python {python}: run `make constraints`"
            )
            (specifier,) = fitting[0].specifier
            assert specifier.operator == "=="
            assert requirement.specifier.contains(specifier.version), f"{name}: run `make constraints`"


def imported_modules(source: str) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found.add((node.module or "").partition(".")[0])
    return found


def test_every_import_is_a_declared_requirement():
    declared = {canonicalize_name(requirement.name) for requirement in all_requirements()}
    ours = {"lib", "runner", "tests", "scripts", "bench"} | sys.stdlib_module_names
    modules = set().union(
        *(
            imported_modules(path.read_text(encoding="utf-8"))
            for path in sources("lib", "runner", "tests", "scripts", "bench")
        )
    )
    providers = packages_distributions()
    undeclared = {
        name
        for name in modules - ours
        # What only an extra installs may not be there: it goes by its own name.
        if declared.isdisjoint(canonicalize_name(provider) for provider in providers.get(name, [name]))
    }
    assert undeclared == set()


def test_make_help_lists_every_target():
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z][a-z-]*):", text, flags=re.MULTILINE))
    phony = set(re.search(r"^\.PHONY: (.*)$", text, flags=re.MULTILINE).group(1).split())
    listing = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert set(re.findall(r"^  make ([a-z-]+) +\S", listing, flags=re.MULTILINE)) == targets == phony


def test_jupyterlab_listens_on_this_machine_only():
    """docs/guarantees.md, S3: `make lab` names the address; JupyterLab asks for its token unless that is switched off."""
    recipe = (ROOT / "Makefile").read_text(encoding="utf-8").partition("\nlab:")[2].partition("\n\n")[0]
    assert re.findall(r"--ServerApp\.ip=(\S+)", recipe) == ["127.0.0.1"]
    assert not re.search(r"--\S*(token|password|allow_remote|allow_origin)", recipe)


# No trace of a machine

MACHINE_PATH = re.compile(
    r"(^|[^A-Za-z0-9_.])/(" + "|".join(["work", "root", "home", "farm", "Users"]) + ")/"
)
INDEX_ADDRESS = re.compile(
    "|".join(["index" + "-url", "find" + "-links", r"(https?|file)://\S*(py" + "pi|/simple)"])
)


def traces(text: str) -> list[str]:
    return [
        line.strip()[:120]
        for line in text.splitlines()
        if MACHINE_PATH.search(line) or INDEX_ADDRESS.search(line)
    ]


def test_no_kept_file_names_a_machine_or_an_index():
    found = {}
    for path in kept_files():
        data = path.read_bytes()
        if b"\0" not in data and (lines := traces(data.decode("utf-8"))):
            found[named(path)] = lines
    assert found == {}


@pytest.mark.parametrize(
    "line",
    [
        "cd /" + "home/me/ribbon",
        '"/' + 'work/main"',
        "--extra-index" + "-url x",
        "https://py" + "pi.org/simple",
    ],
)
def test_a_trace_of_a_machine_is_seen(line):
    assert traces(f"a harmless line\n{line}\n") == [line]


# Sizes


def test_no_module_is_too_long():
    lengths = {
        named(path): len(path.read_text(encoding="utf-8").splitlines())
        for path in sources("lib", "runner", "scripts", "bench")
    }
    assert {name: length for name, length in lengths.items() if length > LONGEST_MODULE} == {}


def long_functions(source: str) -> dict[str, int]:
    """Lines of each function that has too many, its docstring not counted."""
    found = {}
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            documented = ast.get_docstring(node) is not None
            first = node.body[0].end_lineno + 1 if documented else node.lineno
            length = node.end_lineno - first + 1
            if length > LONGEST_FUNCTION:
                found[node.name] = length
    return found


def test_no_function_is_too_long():
    found = {
        named(path): long_functions(path.read_text(encoding="utf-8")) for path in sources("lib", "runner")
    }
    assert {name: functions for name, functions in found.items() if functions} == {}


def test_a_long_function_is_seen():
    body = "    x = 1\n" * LONGEST_FUNCTION
    assert long_functions(f"def f():\n{body}") == {"f": LONGEST_FUNCTION + 1}
    assert long_functions(f'def f():\n    """Words."""\n{body}') == {}


# Rooms

IMPORTS = re.compile(r"^May import: (.*?)\.$", re.MULTILINE | re.DOTALL)
LARGEST_SHARE = 0.2


def doors() -> list[str]:
    """Dotted names of the packages of both wings."""
    return [
        ".".join(path.parent.relative_to(ROOT).parts)
        for path in sources("lib", "runner")
        if path.name == "__init__.py"
    ]


def sign(package: str) -> str:
    """The docstring of a package."""
    text = (ROOT / package.replace(".", "/") / "__init__.py").read_text(encoding="utf-8")
    return ast.get_docstring(ast.parse(text)) or ""


def allowed(package: str) -> set[str]:
    """The rooms that a sign names."""
    found = IMPORTS.search(sign(package))
    return {name for name in re.split(r"[,\s]+", found[1]) if name != "nothing"} if found else set()


def floors(wing: str) -> list[set[str]]:
    """Rooms from the top floor down, as the layers contract has them."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    (contract,) = (
        contract
        for contract in project["tool"]["importlinter"]["contracts"]
        if contract["type"] == "layers" and contract["containers"] == [wing]
    )
    return [{f"{wing}.{name.strip()}" for name in floor.split("|")} for floor in contract["layers"]]


def room_of(module: str) -> str:
    """The room that a dotted name lies in: `lib` is one to whoever lives in runner."""
    return ".".join(module.split(".")[:2])


def entered(package: str) -> set[str]:
    """Rooms of which modules of a package import something."""
    rooms = set()
    for path in sources(package.replace(".", "/")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.module:
                names += [f"{node.module}.{alias.name}" for alias in node.names]
            rooms |= {room_of(name) for name in names if name.startswith(("lib.", "runner."))}
    if package.startswith("runner"):
        rooms = {"lib" if room.startswith("lib.") else room for room in rooms}
    return rooms - {package}


@pytest.mark.parametrize("package", doors())
def test_every_door_has_a_sign(package):
    told = sign(package)
    start = re.search(r"Start reading at (\S+)[.,]", told)
    assert start, f"{package} does not say where to start reading"
    place = ROOT / package.replace(".", "/") / start[1]
    assert place.exists() or (ROOT / start[1]).exists(), f"{package} has no {start[1]}"
    assert IMPORTS.search(told), f"{package} does not say what it may import"


@pytest.mark.parametrize("package", [door for door in doors() if "." in door])
def test_a_sign_names_what_is_entered_and_only_lower_floors(package):
    assert allowed(package) == entered(package)
    wing, room = package.split(".")[0], room_of(package)
    storeys = floors(wing)
    own = next(number for number, floor in enumerate(storeys) if room in floor)
    below = set().union(*storeys[own + 1 :]) | ({"lib"} if wing == "runner" else set())
    assert allowed(package) <= below | ({room} if package != room else set())


def test_no_room_of_lib_is_over_a_fifth_of_it():
    lengths = {
        path.relative_to(ROOT): len(path.read_text(encoding="utf-8").splitlines()) for path in sources("lib")
    }
    rooms: dict[str, int] = {}
    for path, length in lengths.items():
        rooms[path.parts[1]] = rooms.get(path.parts[1], 0) + length
    most = LARGEST_SHARE * sum(lengths.values())
    assert {name: length for name, length in rooms.items() if length > most} == {}


@pytest.mark.parametrize("analyzer", ANALYZERS, ids=lambda analyzer: analyzer.name)
def test_the_files_of_an_analyzer_share_its_stem(analyzer):
    name = analyzer.name
    files = [
        f"notebooks/{analyzer.notebook}.ipynb",
        f"lib/analysis/{name}.py",
        f"lib/draw/{name}.py",
        f"tests/lib/analysis/test_{name}.py",
        f"tests/lib/draw/test_{name}.py",
    ]
    assert [file for file in files if not (ROOT / file).is_file()] == []
    assert analyzer.file == f"results/{name}.json"
