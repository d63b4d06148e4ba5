"""What README and pages tell a newcomer to type works as it stands there, and what they list is what the code has."""

from __future__ import annotations

import ast
import inspect
import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path
from types import ModuleType

import pytest
import typer
from typer.testing import CliRunner

from lib.contract import schema
from lib.data import rows
from lib.paths import repository_root
from runner.claude import decider, faults, judgement, reply
from runner.cli import app
from runner.exchange import desk, entry
from runner.trade import call, deciders, gate, guards, loop, paper, rails
from scripts import write_reference
from tests.references import headings

ROOT = repository_root()
PAGES = {
    str(path.relative_to(ROOT)): path.read_text(encoding="utf-8")
    for path in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
    if "_build" not in path.parts
}
README = PAGES["README.md"]
WORDS, PICTURE_BYTES = 900, 300_000
CRON_FIELD = re.compile(r"[\d*/,-]+")


# README


def test_the_readme_is_short_and_shows_a_picture():
    assert len(README.split()) <= WORDS
    (picture,) = re.findall(r"!\[[^\]]+\]\(([^)]+\.png)\)", README)
    assert (ROOT / picture).stat().st_size < PICTURE_BYTES


def test_the_readme_leads_to_every_page():
    linked = set(re.findall(r"\]\((docs/[^)#]+\.md)\)", README))
    pages = {name for name in PAGES if name.startswith("docs/") and not name.startswith("docs/decisions/")}
    assert pages - linked == {"docs/index.md"}
    listed = set(re.findall(r"\]\(([\w-]+\.md)\)", PAGES["docs/decisions/README.md"]))
    assert {name for name in PAGES if name.startswith("docs/decisions/")} == {
        f"docs/decisions/{name}" for name in [*listed, "README.md"]
    }


# Commands


def blocks(text: str, language: str = "") -> list[str]:
    """Fenced blocks of a page in one language."""
    return re.findall(rf"^ *```{language}\n(.*?)^ *```", text, flags=re.MULTILINE | re.DOTALL)


def commands(text: str) -> list[list[str]]:
    """Every `ribbon …` command of a page, in blocks and in running text, as words."""
    texts = [line.split("#")[0] for block in blocks(text) for line in block.splitlines()]
    texts += re.findall(r"`(ribbon [^`]+)`", text)
    return [shlex.split(found) for found in texts if found.startswith("ribbon ")]


def named(words: list[str]) -> list[str]:
    """The command that the words name: `ribbon cycle`, or one of a group, as `ribbon lessons diff`."""
    command = typer.main.get_command(app).commands.get(words[1])
    return words[1:3] if getattr(command, "commands", None) and len(words) > 2 else words[1:2]


def test_every_command_and_option_exists():
    texts = [*PAGES.values(), (ROOT / "lib/draw/next_step.py").read_text()]
    found = {tuple(words) for text in texts for words in commands(text)}
    assert len(found) >= 40 and ("ribbon", "status", "--why", "24h") in found
    helps: dict[tuple[str, ...], str] = {}
    for words in sorted(found):
        name = tuple(named(list(words)))
        if name not in helps:
            shown = CliRunner().invoke(app, [*name, "--help"], terminal_width=200)
            assert shown.exit_code == 0, words
            helps[name] = shown.output
        for option in [word for word in words if word.startswith("--")]:
            assert option in helps[name], (words, option)


def test_every_make_target_exists():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))
    found = {
        name
        for text in PAGES.values()
        for name in re.findall(r"(?:`|^)make ([a-z-]+)", text, flags=re.MULTILINE)
    }
    assert {"demo", "test", "docs", "lab", "bench", "campaign"} <= found <= targets


@pytest.mark.parametrize("name", write_reference.PAGES)
def test_what_is_made_from_the_code_is_up_to_date(name):
    made = write_reference.page_of(name).made()
    assert made == write_reference.part_of(name), "run: python -m scripts.write_reference"


def test_the_made_pages_have_every_command_key_and_code():
    assert [
        f"ribbon {name}" in PAGES["docs/reference/commands.md"] for name in ("cycle", "lessons diff")
    ] == [True, True]
    settings = PAGES["docs/reference/settings.md"]
    assert "| `min_confidence` | `0.75` | ≥ 0, ≤ 1 |" in settings and "## [claude.prices]" in settings
    assert re.findall(r"^\| (\d+) \|", PAGES["docs/reference/exit-codes.md"], re.MULTILINE)[:4] == [
        "0",
        "1",
        "2",
        "3",
    ]


def test_the_costs_of_a_day_are_those_that_the_command_prints(tmp_path):
    shown = CliRunner().invoke(app, ["claude-cost", "--trading-data", str(tmp_path)])
    table = [line for line in shown.output.splitlines() if re.match(r"\| \d", line)]
    assert len(table) == 5
    page = PAGES["docs/guide/claude.md"]
    assert [line for line in page.splitlines() if line in table] == table
    sizes = re.search(r"bout (.*?) \(estimates\)", shown.output)[1]
    assert f"bout {sizes})" in " ".join(page.split())
    reserved = float(re.search(r"Reserved before each call: \$([\d.]+)", shown.output)[1])
    assert f"about ${reserved:.2f} with the longest lessons" in page
    calls, cost = next(
        re.match(r"\| (\d+) \| (\$[\d.]+)", line).groups() for line in table if line.startswith("| 120 ")
    )
    cap = re.search(r"cap (\$\d+)\.00 a day", shown.output)[1]
    assert f"{cost} for a day of {calls} decisions, at most {cap} unless you say otherwise" in README


def test_the_readme_says_of_a_real_market_what_the_guide_does():
    told = re.search(
        r"(\d+) trades \[lost ([\d.]+) % of the account\]\((\S+?)\), ([\d.]+) points",
        " ".join(README.split()),
    )
    trades, lost, page, fees = told.groups()
    said = f"{trades} trades, 32.9 % won, −{lost} % of the account, of which fees are {fees} points"
    assert said in " ".join(PAGES[page].split())


def test_the_costs_of_a_cheap_model_first_are_those_that_the_command_prints(tmp_path, monkeypatch):
    monkeypatch.setenv("RIBBON_CLAUDE__FIRST_MODEL", "claude-haiku-5-5")
    shown = CliRunner().invoke(app, ["claude-cost", "--trading-data", str(tmp_path)]).output
    table = [line for line in shown.splitlines() if re.match(r"\| \d", line)]
    page = PAGES["docs/guide/claude.md"]
    assert len(table) == 5 and [line for line in page.splitlines() if line in table] == table
    first, second = map(float, re.search(r"each decision: \$([\d.]+) and \$([\d.]+);", shown).groups())
    assert f"about ${first + second:.2f} together" in page


# Words


def returned(module: ModuleType, function: str = "") -> set[str]:
    """Every word that functions of the module may return (or one of this name), alone or as part of a tuple."""
    found = set()
    tree = ast.parse(inspect.getsource(module))
    if function:
        (tree,) = [node for node in ast.walk(tree) if getattr(node, "name", "") == function]
    for node in ast.walk(tree):
        if isinstance(node, ast.Return) and node.value is not None:
            parts = node.value.elts if isinstance(node.value, ast.Tuple) else [node.value]
            found |= {leaf.value for part in parts for leaf in _leaves(part) if isinstance(leaf.value, str)}
    return {word for word in found if re.fullmatch(r"[a-z][a-z_]+", word)}


def _leaves(node: ast.expr) -> list[ast.Constant]:
    if isinstance(node, ast.IfExp):
        return [*_leaves(node.body), *_leaves(node.orelse)]
    if isinstance(node, ast.BoolOp):
        return [leaf for value in node.values for leaf in _leaves(value)]
    return [node] if isinstance(node, ast.Constant) else []


def given(module: ModuleType, *functions: str) -> set[str]:
    """Every word that stands as an argument in a call of one of the functions, by their names."""
    calls = [node for node in ast.walk(ast.parse(inspect.getsource(module))) if isinstance(node, ast.Call)]
    named = [node for node in calls if getattr(node.func, "attr", getattr(node.func, "id", "")) in functions]
    arguments = [argument for node in named for argument in node.args]
    return {
        each.value
        for each in arguments
        if isinstance(each, ast.Constant) and re.fullmatch(r"[a-z_]+", str(each.value))
    }


def reason_codes() -> set[str]:
    """Every word of the live loop that says why nothing came of a tick."""
    before, after = returned(rails, "before"), returned(rails, "after")
    halts = {rails.DAILY_LOSS, rails.DRAWDOWN, desk.NO_STOP, desk.VENUE}
    codes = returned(guards) | set(schema.QUALITIES) - {"ok"} | {f"halt_{word}" for word in halts}
    codes |= (
        returned(gate) | returned(loop) - {"asked"} | before | {f"rail_{word}" for word in before | after}
    )
    codes |= set(loop.NOT_ASKED) | {deciders.EXIT_ADVISED}
    codes |= given(paper, "_void") | given(entry, "_void") | returned(entry)
    codes |= given(call, "hold") | given(deciders, "hold") | given(decider, "_hold") | given(faults, "Fault")
    codes |= set(faults._REFUSED.values()) | set(judgement.Problem.__args__) | set(reply.STOPS.values())
    return codes | {reply.NO_STOP, reply.UNKNOWN_STOP, reply.HOLLOW, reply.UNREADABLE}


def test_every_reason_code_has_its_line():
    assert len(reason_codes()) >= 60
    told = set(re.findall(r"`([a-z_]+)`", PAGES["docs/reference/reason-codes.md"]))
    assert reason_codes() - told == set()


def test_every_word_of_rows_and_exits_has_its_line():
    told = set(re.findall(r"`(\w+)`", PAGES["docs/reference/bad-rows.md"]))
    assert set(rows.REASONS) - told == set()
    exits = set(re.findall(r"`([A-Z_]+)`", PAGES["docs/reference/reason-codes.md"]))
    assert set(schema.EXIT_REASONS) - exits == set()
    qualities = re.findall(r"^\| `(\w+)`", PAGES["docs/guide/collecting.md"], flags=re.MULTILINE)
    assert qualities == list(schema.QUALITIES)


# Links


def anchor(heading: str) -> str:
    """The anchor that GitHub gives a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def lost_links(name: str, text: str) -> list[str]:
    """Links of a page to files or headings that there are not."""
    lost = []
    for link in re.findall(
        r"\]\(([^)\s]+)\)", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    ):
        path, _, place = link.partition("#")
        if re.match(r"https?:", link):
            continue
        target = os.path.normpath(Path(name).parent / path) if path else name
        anchors = [anchor(heading) for heading in headings(PAGES.get(target, ""))]
        if not (ROOT / target).exists() or (place and place not in anchors):
            lost.append(link)
    return lost


def test_every_link_leads_to_a_file_and_a_heading():
    assert {name: lost for name, text in PAGES.items() if (lost := lost_links(name, text))} == {}


def test_a_lost_link_is_seen():
    text = "[a](definitions.md#money) [b](definitions.md#mony) [c](gone.md) [d](../README.md) [e](https://example.org/x)"
    assert lost_links("docs/index.md", text) == ["definitions.md#mony", "gone.md"]


# The crontab line


def crontab_line() -> str:
    return next(
        line
        for block in blocks(PAGES["docs/guide/keeping.md"])
        for line in block.splitlines()
        if "ribbon cycle" in line and "* * *" in line
    )


def test_the_crontab_line_has_five_fields_and_fires_once_an_hour():
    fields = crontab_line().split(maxsplit=5)
    assert all(CRON_FIELD.fullmatch(field) for field in fields[:5])
    assert fields[0].isdigit() and fields[1:5] == ["*"] * 4
    assert "%" not in fields[5]  # cron would read it as a newline


@pytest.mark.slow
def test_the_crontab_line_runs_a_cycle_as_cron_would(sample_data, tmp_path):
    """By /bin/sh, from a home folder, with cron's bare environment; the sample ends in the past, so the window is empty."""
    home = tmp_path / "home"
    home.mkdir()
    (home / "ribbon-lab").symlink_to(repository_root())
    data, outputs = tmp_path / "data", tmp_path / "outputs"
    shutil.copytree(sample_data, data)
    bare = {"HOME": str(home), "PATH": "/usr/bin:/bin", "SHELL": "/bin/sh", "LOGNAME": "cron"}
    places = {"RIBBON_TRADING_DATA": str(data), "RIBBON_OUTPUTS": str(outputs)}
    command = crontab_line().split(maxsplit=5)[5].replace("outputs/cron.log", str(tmp_path / "cron.log"))
    done = subprocess.run(["/bin/sh", "-c", command], env=bare | places, cwd=home, check=False)
    log = Path(tmp_path / "cron.log").read_text()
    assert done.returncode == 4 and "nothing was known in" in log and "Use `--as-of 2" in log
    newest = subprocess.run(
        ["/bin/sh", "-c", command.replace("ribbon cycle", "ribbon cycle --as-of newest")],
        env=bare | places,
        cwd=home,
        check=False,
    )
    log = Path(tmp_path / "cron.log").read_text()
    assert newest.returncode == 0, log
    assert "06_training_history: ok" in log and "\x1b" not in log  # plain lines, no colours
    assert (outputs / "index.html").is_file() and os.path.lexists(outputs / "latest")
