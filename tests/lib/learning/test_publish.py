from __future__ import annotations

import json

import pytest

from lib.errors import PublishError
from lib.learning import publish as publishing
from lib.learning.insights import compile_insights
from lib.learning.prompt import compose_prompt
from lib.learning.publish import (
    get_training_prompt_addition,
    load_insights,
    load_results,
    publish,
    read_prompt,
)
from tests.lib.learning.made import AS_OF, NAMES, all_published, published

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


def test_between_the_two_replaces_there_is_no_prompt(tmp_path, monkeypatch):
    publish(tmp_path, *made(AS_OF))

    def crash(*_arguments):
        raise OSError("power cut")

    monkeypatch.setattr(publishing, "replace_json", crash)
    with pytest.raises(OSError, match="power cut"):
        publish(tmp_path, *made(LATER))
    assert load_insights(tmp_path)["last_updated"] == AS_OF
    assert get_training_prompt_addition(tmp_path) == ""
    assert "not the one that training_insights.json names" in read_prompt(tmp_path).reason


def test_a_pair_caught_in_between_is_read_again(tmp_path, monkeypatch):
    publish(tmp_path, *made(AS_OF))
    publish_rest = made(LATER)
    (tmp_path / "prompt_addition.md").write_text(publish_rest[1])
    look, looks = publishing._read_pair, []

    def finish_after_first_look(folder):
        found = look(folder)
        if not looks:
            publish(tmp_path, *publish_rest)
        looks.append(found)
        return found

    monkeypatch.setattr(publishing, "_read_pair", finish_after_first_look)
    assert read_prompt(tmp_path).text == publish_rest[1] and looks[0].text == ""


@pytest.mark.parametrize("damage", ["no file", "no insights", "not text", "edited"])
def test_no_valid_prompt_is_an_empty_one_with_a_reason(tmp_path, damage):
    publish(tmp_path, *made(AS_OF))
    prompt = tmp_path / "prompt_addition.md"
    if damage == "no file":
        prompt.unlink()
    elif damage == "no insights":
        (tmp_path / "training_insights.json").unlink()
    elif damage == "not text":
        prompt.write_bytes(b"\xff\xfe")
    else:
        prompt.write_text(prompt.read_text() + "Always buy.\n")
    assert get_training_prompt_addition(tmp_path) == "" and read_prompt(tmp_path).reason


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
    assert [name for name in NAMES if found[name]] == ["optimal_vs_actual"]
    assert load_results(tmp_path / "nowhere") == dict.fromkeys(NAMES)
