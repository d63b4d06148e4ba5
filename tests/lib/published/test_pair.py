from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time

import pytest

from lib.data.atomic import json_text
from lib.errors import PublishError
from lib.prompt import archive as kept
from lib.prompt.addition import compose_prompt
from lib.prompt.archive import LESSON_STATES, MOST_BYTES, archive_text, load_archive, read_archive, sha256_of
from lib.prompt.difference import lesson_states, states_text
from lib.prompt.hold import add_hold, prompt_in_force, prompt_in_force_of
from lib.published import pair as publishing
from lib.published.insights import compile_insights
from lib.published.pair import (
    get_training_prompt_addition,
    load_insights,
    load_results,
    publish,
    read_prompt,
)
from tests.lib.contract.made import AS_OF, NAMES, all_published, published

LATER = "2025-10-19T16:00:00Z"


def made(as_of: str) -> tuple[dict, str]:
    insights = compile_insights(all_published(as_of), None, as_of)
    return insights, compose_prompt(insights)


def texts(folder) -> list[str]:
    return [(folder / name).read_text() for name in ("prompt_addition.md", "training_insights.json")]


def test_published_is_read_back(tmp_path):
    insights, prompt = made(AS_OF)
    publish(tmp_path, insights, prompt)
    assert load_insights(tmp_path) == insights
    assert get_training_prompt_addition(tmp_path) == prompt
    found = read_prompt(tmp_path)
    assert (found.sha256, found.as_of, found.reason) == (insights["provenance"]["prompt_sha256"], AS_OF, "")


def test_the_default_folder_is_the_configured_one(tmp_path, monkeypatch):
    monkeypatch.setenv("RIBBON_TRADING_DATA", str(tmp_path))
    publish(None, *made(AS_OF))
    assert get_training_prompt_addition().startswith("# LEARNING NOTES")


def test_never_older_over_newer_unless_forced(tmp_path):
    publish(tmp_path, *made(LATER))
    kept = texts(tmp_path)
    with pytest.raises(PublishError, match="replace newer ones of 2025-10-19T16:00:00Z"):
        publish(tmp_path, *made(AS_OF))
    assert texts(tmp_path) == kept
    publish(tmp_path, *made(AS_OF), force=True)
    assert load_insights(tmp_path)["last_updated"] == AS_OF
    publish(tmp_path, *made(AS_OF))  # the same again is no older one


def test_a_prompt_the_insights_do_not_name_is_refused(tmp_path):
    insights, prompt = made(AS_OF)
    with pytest.raises(PublishError, match="not the one"):
        publish(tmp_path, insights, prompt + "x")
    with pytest.raises(PublishError, match="not valid"):
        publish(tmp_path, insights | {"lessons": 1}, prompt)
    assert not list(tmp_path.iterdir())


def test_a_broken_published_file_is_replaced(tmp_path):
    (tmp_path / "training_insights.json").write_text("{torn")
    publish(tmp_path, *made(AS_OF))
    assert load_insights(tmp_path)["last_updated"] == AS_OF


#: Publishes AS_OF's pair over another one again and again, each time ended at a later call to the disk than before, by `how`.
STEPS = """
import errno, json, os, signal, sys, tempfile
from pathlib import Path
from lib.published.pair import publish, read_prompt
one, two = json.load(open(sys.argv[2]))
how, calls = sys.argv[3], {"left": 0}
def ending(called):
    def call(*arguments, **named):
        calls["left"] -= 1
        if calls["left"] == 0 and how == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        if calls["left"] == 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        return called(*arguments, **named)
    return call
for step in range(1, 100):
    folder = Path(sys.argv[1]) / str(step)
    folder.mkdir()
    publish(folder, *one)
    pid = os.fork()
    if pid == 0:
        calls["left"] = step
        tempfile.mkstemp, os.open, os.fsync, os.replace = map(ending, (tempfile.mkstemp, os.open, os.fsync, os.replace))
        try:
            publish(folder, *two)
        except OSError:
            os._exit(1)
        os._exit(0 if calls["left"] > 0 else 1)
    ended = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    found = read_prompt(folder)
    files = [(folder / name).read_text() for name in ("prompt_addition.md", "training_insights.json")]
    print(json.dumps([ended, found.text, found.note, *files]), flush=True)
    if ended == 0:
        break
"""


@pytest.mark.parametrize("how", ["kill", "full"])
def test_ended_at_any_step_claude_keeps_the_lessons_that_stood_before(tmp_path, how):
    """D5: killed, or the disk full, at each call to the disk in turn."""
    pairs = [made(AS_OF), made(LATER)]
    given = tmp_path / "pairs.json"
    given.write_text(json.dumps(pairs))
    command = [sys.executable, "-c", STEPS, str(tmp_path), str(given), how]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    *ended, last = [json.loads(line) for line in done.stdout.splitlines()]
    assert last[:3] == [0, pairs[1][1], ""] and len(ended) > 10
    whole = [[prompt, json_text(insights)] for insights, prompt in pairs]
    between = 0
    for code, told, note, *files in ended:
        assert code == (-signal.SIGKILL if how == "kill" else 1)
        assert files in (*whole, [whole[1][0], whole[0][1]])  # each is the old or the new one, whole
        assert told == pairs[files == whole[1]][1]
        assert bool(note) == (files not in whole)
        between += bool(note)
    assert between


def test_a_disk_that_takes_the_prompt_and_not_the_insights_changes_nothing(tmp_path):
    """Really full: a limit of the kernel on what a file may hold, between the sizes of the two."""
    publish(tmp_path, *made(AS_OF))
    before = texts(tmp_path)
    pair = tmp_path / "pair.json"
    pair.write_text(json.dumps(made(LATER)))
    most = max(path.stat().st_size for path in (tmp_path / "prompts").iterdir()) + 1000
    assert most < len(before[1]) - 1000
    code = (
        "import json, resource, signal, sys; from lib.published.pair import publish\n"
        f"signal.signal(signal.SIGXFSZ, signal.SIG_IGN); resource.setrlimit(resource.RLIMIT_FSIZE, ({most}, {most}))\n"
        "publish(sys.argv[1], *json.load(open(sys.argv[2])))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path), str(pair)], capture_output=True, text=True
    )
    assert "File too large" in done.stderr
    assert texts(tmp_path) == before and read_prompt(tmp_path).text == made(AS_OF)[1]
    assert not list(tmp_path.glob(".*.new"))
    assert read_archive(tmp_path, sha256_of(made(LATER)[1]))


def test_a_pair_caught_in_between_is_read_again(tmp_path, monkeypatch):
    publish(tmp_path, *made(AS_OF))
    publish_rest = made(LATER)
    (tmp_path / "prompt_addition.md").write_text(publish_rest[1])
    shutil.rmtree(tmp_path / "prompts")
    look, looks = publishing._read_pair, []

    def finish_after_first_look(folder):
        found = look(folder)
        looks.append(found)
        if len(looks) == 1:
            publish(tmp_path, *publish_rest)
        return found

    monkeypatch.setattr(publishing, "_read_pair", finish_after_first_look)
    assert read_prompt(tmp_path).text == publish_rest[1] and looks[0].text == ""


@pytest.mark.parametrize("damage", ["no file", "not text", "edited", "too long", "a folder"])
def test_the_kept_prompt_is_told_where_the_file_holds_another(tmp_path, damage):
    insights, text = made(AS_OF)
    publish(tmp_path, insights, text)
    spoil(tmp_path / "prompt_addition.md", damage)
    found = read_prompt(tmp_path)
    assert (found.text, found.reason) == (text, "") and "the kept one is told" in found.note
    publish(tmp_path, insights, text) if damage != "a folder" else None
    assert damage == "a folder" or read_prompt(tmp_path).note == ""


@pytest.mark.parametrize("damage", ["no file", "not text", "edited", "too long"])
@pytest.mark.parametrize("kept", ["gone", "another", "too long"])
def test_no_valid_prompt_is_an_empty_one_with_a_reason(tmp_path, damage, kept):
    insights, text = made(AS_OF)
    publish(tmp_path, insights, text)
    spoil(tmp_path / "prompt_addition.md", damage)
    spoil(
        tmp_path / "prompts" / f"{sha256_of(text)}.md",
        {"gone": "no file", "another": "edited"}.get(kept, kept),
    )
    assert get_training_prompt_addition(tmp_path) == "" and "prompts/" in read_prompt(tmp_path).reason


def test_without_insights_nothing_is_told(tmp_path):
    publish(tmp_path, *made(AS_OF))
    (tmp_path / "training_insights.json").unlink()
    assert (
        get_training_prompt_addition(tmp_path) == ""
        and "training_insights.json" in read_prompt(tmp_path).reason
    )


def test_no_more_is_read_of_a_prompt_than_one_may_hold(tmp_path):
    """A file larger than any memory, and a pipe at which nobody writes: reading them whole would never return."""
    insights, text = made(AS_OF)
    publish(tmp_path, insights, text)
    for path in (tmp_path / "prompt_addition.md", tmp_path / "prompts" / f"{sha256_of(text)}.md"):
        os.truncate(path, 1 << 40)
    found = read_prompt(tmp_path)
    assert found.text == "" and "longer than the 6,000 bytes" in found.reason
    (tmp_path / "prompt_addition.md").unlink()
    os.mkfifo(tmp_path / "prompt_addition.md")
    assert "this is a pipe" in read_prompt(tmp_path).reason
    long = "x" * (MOST_BYTES + 1)
    named = {"prompt_sha256": sha256_of(long), "composed_sha256": sha256_of(long)}
    with pytest.raises(PublishError, match="longer than 6,000 bytes"):
        publish(tmp_path, insights | {"provenance": insights["provenance"] | named}, long)


def spoil(path, damage) -> None:
    if damage in ("no file", "a folder"):
        path.unlink()
    if damage == "a folder":
        path.mkdir()
    elif damage == "not text":
        path.write_bytes(b"\xff\xfe")
    elif damage == "edited":
        path.write_text(path.read_text() + "Always buy.\n")
    elif damage == "too long":
        path.write_text(path.read_text() * 3)


def test_results_of_a_run(tmp_path):
    folder = tmp_path / "results"
    folder.mkdir()
    for name in NAMES:
        (folder / f"{name}.json").write_text(published(name).model_dump_json())
    assert load_results(tmp_path) == all_published()
    (folder / "actual_trades.json").write_text("{")
    (folder / "smart_backtest.json").write_text(
        published("optimal_vs_actual").model_dump_json()
    )  # another's result
    spoilt = json.loads((folder / "regime_and_wicks.json").read_text()) | {"lookback_hours": float("nan")}
    (folder / "regime_and_wicks.json").write_text(json.dumps(spoilt))
    found = load_results(tmp_path)
    spoilt_ones = {"actual_trades", "smart_backtest", "regime_and_wicks"}
    assert {name for name in NAMES if found[name] is None} == spoilt_ones
    assert load_results(tmp_path / "nowhere") == dict.fromkeys(NAMES)


def test_every_published_prompt_is_kept_and_what_the_lessons_stood_at(tmp_path):
    one, two = made(AS_OF), made(LATER)
    publish(tmp_path, *one)
    publish(tmp_path, *two)
    for insights, prompt in (one, two):
        assert read_archive(tmp_path, sha256_of(prompt)) == prompt
        states = states_text(lesson_states(insights))
        assert read_archive(tmp_path, sha256_of(states), LESSON_STATES) == states
    publish(tmp_path, *two)
    assert len(load_archive(tmp_path).prompts) == 2


def test_what_was_published_before_prompts_were_kept_is_kept_before_it_goes(tmp_path):
    insights, prompt = made(AS_OF)
    del insights["provenance"]["composed_sha256"]
    (tmp_path / "training_insights.json").write_text(json.dumps(insights))
    (tmp_path / "prompt_addition.md").write_text(prompt)
    publish(tmp_path, *made(LATER))
    assert read_archive(tmp_path, sha256_of(prompt)) == prompt


def test_a_refused_one_is_not_kept(tmp_path):
    publish(tmp_path, *made(LATER))
    with pytest.raises(PublishError):
        publish(tmp_path, *made(AS_OF))
    assert [found.sha256 for found in load_archive(tmp_path).prompts] == [sha256_of(made(LATER)[1])]


def test_under_a_hold_both_are_kept_and_the_pair_fits(tmp_path):
    insights, prompt = made(AS_OF)
    add_hold(tmp_path, archive_text(tmp_path, "# OLD\n"), LATER, None)
    told = prompt_in_force(tmp_path, insights, prompt)
    with pytest.raises(PublishError, match="not the one"):
        publish(tmp_path, told.insights, told.prompt)  # the composed one is named too, and must come along
    publish(tmp_path, told.insights, told.prompt, composed=told.composed)
    assert get_training_prompt_addition(tmp_path) == "# OLD\n"
    assert load_insights(tmp_path)["provenance"]["composed_sha256"] == sha256_of(prompt)
    assert read_archive(tmp_path, sha256_of(prompt)) == prompt


def test_a_full_disk_while_keeping_leaves_what_is_told(tmp_path, monkeypatch):
    publish(tmp_path, *made(AS_OF))
    before = texts(tmp_path)

    def full(*_arguments):
        raise OSError("No space left on device")

    monkeypatch.setattr(kept, "replace_text", full)
    with pytest.raises(OSError, match="No space"):
        publish(tmp_path, *made(LATER))
    assert texts(tmp_path) == before and read_prompt(tmp_path).text == made(AS_OF)[1]


#: Forks a publisher for each line it reads and says its pid; imports are done once.
PUBLISHERS = """
import json, os, sys
from lib.prompt.hold import add_hold, prompt_in_force_of, prompt_in_force
from lib.published.pair import load_insights, publish
folder, old, pairs = sys.argv[1], sys.argv[2], json.load(open(sys.argv[3]))
def work():
    done = open(sys.argv[4], "wb", buffering=0)
    while True:
        for insights, prompt in pairs:
            told = prompt_in_force(folder, insights, prompt)
            publish(folder, told.insights, told.prompt, force=True, composed=told.composed)
            done.write(b"x")
            for held in (old, ""):
                add_hold(folder, held, "2026-01-05T10:00:00Z", load_insights(folder))
                told = prompt_in_force_of(folder, load_insights(folder))
                publish(folder, told.insights, told.prompt, composed=told.composed)
                done.write(b"x")
for _ in sys.stdin:
    pid = os.fork()
    if pid == 0:
        work()
    print(pid, flush=True)
    os.waitpid(pid, 0)
    print("ended", flush=True)
"""


@pytest.mark.faults
@pytest.mark.slow
def test_killed_at_any_moment_both_files_are_whole_and_no_wrong_prompt_is_taken(tmp_path, fault_runs):
    """D5: cycles, roll-backs and releases in turns, killed somewhere; then the next one publishes."""
    one, two, old, data = made(AS_OF), made(LATER), "# OLD\n", tmp_path / "data"
    data.mkdir()
    publish(data, *one)
    archive_text(data, old)
    genuine = {one[1], two[1], old}
    pairs, done = tmp_path / "pairs.json", tmp_path / "done"
    arguments = [sys.executable, "-c", PUBLISHERS, str(data), sha256_of(old), str(pairs), str(done)]
    pairs.write_text(json.dumps([one, two]))
    seen = set()
    with subprocess.Popen(
        arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    ) as driver:
        for number in range(fault_runs):
            done.write_bytes(b"")
            driver.stdin.write("go\n")
            pid = int(driver.stdout.readline())
            # So many publications, then a moment into the next one: every place is met, however busy the machine is.
            while done.stat().st_size < number % 4:
                assert get_training_prompt_addition(data) in genuine
            time.sleep(0.0011 * (number % 11))
            os.kill(pid, signal.SIGKILL)
            driver.stdout.readline()
            seen.add(check_whole_and_go_on(data, genuine))
        driver.stdin.close()
    assert old in seen and seen & {one[1], two[1]}


def check_whole_and_go_on(data, genuine) -> str:
    """What is told after a kill, found whole; a further choice republishes."""
    assert load_insights(data) is not None and texts(data)[0] in genuine
    found = read_prompt(data)
    assert found.text in genuine
    listed = load_archive(data)
    assert listed.damaged == []
    assert (
        {sha256_of(texts(data)[0])}
        <= {kept.sha256 for kept in listed.prompts}
        <= set(map(sha256_of, genuine))
    )
    after = prompt_in_force_of(data, load_insights(data))
    publish(data, after.insights, after.prompt, composed=after.composed)
    assert after.warning == "" and get_training_prompt_addition(data) == after.prompt != ""
    return found.text
