"""Write constraints.txt: one tested version of every package, for each Python the project supports.

Usage: python -m scripts.resolve_constraints constraints.txt python3.11 python3.12 python3.13

The first interpreter takes the newest versions there are; each further one keeps them where it can, so that a marker stands only
where two Pythons need two versions. Packages come from wherever the machine's pip is told to look: no address is written.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
import tomllib
from itertools import chain
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# Asked for by ipykernel on macOS alone, so that no Linux machine would pin it.
ELSEWHERE = ["appnope"]
HEADER = """\
# The versions the project is tested with, on Python {pythons}. Made by `make constraints`; not edited by hand.
# pyproject.toml says what is needed, this file which version of it, and of everything below it, is taken.
"""


def requirements() -> list[str]:
    """All requirements of the project, those of every extra included."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return [*project["dependencies"], *chain(*project["optional-dependencies"].values()), *ELSEWHERE]


def python_version(interpreter: str) -> str:
    """The interpreter's version as "3.12"."""
    show = "import sys; print('%d.%d' % sys.version_info[:2])"
    try:
        return subprocess.run(
            [interpreter, "-c", show], check=True, capture_output=True, text=True
        ).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        sys.exit(f'{interpreter} does not start; name the interpreters: make constraints PYTHONS="… … …"')


def resolve(interpreter: str, pins: dict[str, str]) -> dict[str, str] | None:
    """Versions by package name that satisfy the project under `interpreter` and `pins`; None if pip finds none."""
    with tempfile.TemporaryDirectory() as folder:
        constraints, report = Path(folder, "pins.txt"), Path(folder, "report.json")
        constraints.write_text(
            "".join(f"{name}=={version}\n" for name, version in pins.items()), encoding="utf-8"
        )
        pip = [sys.executable, "-m", "pip", "--python", interpreter, "install", "-qq"]
        options = [
            "--dry-run",
            "--ignore-installed",
            "--report",
            str(report),
            "--constraint",
            str(constraints),
        ]
        if subprocess.run([*pip, *options, *requirements()]).returncode:
            return None
        installed = json.loads(report.read_text(encoding="utf-8"))["install"]
    return {canonical(row["metadata"]["name"]): row["metadata"]["version"] for row in installed}


def canonical(name: str) -> str:
    """The package name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def constraint_lines(versions: dict[str, dict[str, str]]) -> list[str]:
    """One line a package where all Pythons agree on its version, else one a Python."""
    lines = []
    for name in sorted({name for resolved in versions.values() for name in resolved}):
        by_python = {python: resolved[name] for python, resolved in versions.items() if name in resolved}
        if len(set(by_python.values())) == 1:
            lines.append(f"{name}=={next(iter(by_python.values()))}")
        else:
            lines += [
                f'{name}=={version} ; python_version == "{python}"' for python, version in by_python.items()
            ]
    return lines


def main(target: str, *interpreters: str) -> None:
    """Resolve for each interpreter in turn and replace the file."""
    versions: dict[str, dict[str, str]] = {}
    for interpreter in interpreters:
        python = python_version(interpreter)
        known = {name: version for resolved in versions.values() for name, version in resolved.items()}
        resolved = resolve(interpreter, known)
        if resolved is None and known:
            print(f"Python {python} cannot take the same versions; resolving it by itself", file=sys.stderr)
            resolved = resolve(interpreter, {})
        if resolved is None:
            sys.exit(f"Python {python}: the requirements of pyproject.toml do not resolve")
        versions[python] = resolved
    text = HEADER.format(pythons=", ".join(versions)) + "\n".join(constraint_lines(versions)) + "\n"
    Path(target).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
