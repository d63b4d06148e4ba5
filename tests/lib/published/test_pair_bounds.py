"""The pair at its bounds: how long a prompt may be, what is kept of it, how often it is looked at, and numbers that are none."""

from __future__ import annotations

import json

import pytest

from lib.errors import PublishError
from lib.prompt.archive import archive_text, read_archive, sha256_of
from lib.prompt.hold import add_hold, prompt_in_force
from lib.published import pair as publishing
from lib.published.pair import load_insights, load_results, publish, read_prompt
from tests.lib.contract.made import AS_OF, NAMES, published
from tests.lib.published.test_pair import LATER, made


def test_a_prompt_of_six_thousand_bytes_is_told_and_one_more_is_refused(tmp_path):
    insights, _ = made(AS_OF)
    text = "ä" * 2_999 + "xx"
    publish(tmp_path, naming(insights, text), text)
    assert read_prompt(tmp_path).text == text
    with pytest.raises(PublishError, match="longer than 6,000 bytes"):
        publish(tmp_path, naming(insights, text + "x"), text + "x")
    assert read_prompt(tmp_path).text == text


def naming(insights: dict, text: str) -> dict:
    named = {"prompt_sha256": sha256_of(text), "composed_sha256": sha256_of(text)}
    return insights | {"provenance": insights["provenance"] | named}


def test_a_held_prompt_whose_kept_copy_goes_meanwhile_is_kept_again(tmp_path):
    """Else a reader that meets the pair in between would have nothing to fall back on."""
    held = archive_text(tmp_path, "# OLD\n")
    add_hold(tmp_path, held, LATER, None)
    told = prompt_in_force(tmp_path, *made(AS_OF))
    (tmp_path / "prompts" / f"{held}.md").unlink()
    publish(tmp_path, told.insights, told.prompt, composed=told.composed)
    assert read_archive(tmp_path, held) == "# OLD\n"


def test_a_pair_is_looked_at_again_only_where_it_does_not_fit(tmp_path, monkeypatch):
    publish(tmp_path, *made(AS_OF))
    look, looks = publishing._read_pair, []

    def finish_after_first_look(folder):
        found = look(folder)
        looks.append(found)
        if found.note and len(looks) == 1:
            publish(tmp_path, *made(LATER))
        return found

    monkeypatch.setattr(publishing, "_read_pair", finish_after_first_look)
    assert read_prompt(tmp_path).as_of == AS_OF and len(looks) == 1
    (tmp_path / "prompt_addition.md").write_text(made(LATER)[1])  # the first of the two replaces
    looks.clear()
    found = read_prompt(tmp_path)
    assert (looks[0].text, looks[0].as_of) == (made(AS_OF)[1], AS_OF) and looks[0].note
    assert (found.text, found.as_of, found.note) == (made(LATER)[1], LATER, "")


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "-1e999"])
def test_what_is_no_number_makes_a_file_invalid_wherever_it_stands(tmp_path, number):
    (tmp_path / "results").mkdir()
    for name in NAMES:
        (tmp_path / "results" / f"{name}.json").write_text(published(name).model_dump_json())
    path = tmp_path / "results" / "actual_trades.json"
    path.write_text(with_number(path.read_text(), "parameters", "threshold", number))
    assert [name for name, found in load_results(tmp_path).items() if found is None] == ["actual_trades"]
    publish(tmp_path, *made(AS_OF))
    path = tmp_path / "training_insights.json"
    path.write_text(with_number(path.read_text(), "provenance", "coverage", number))
    assert load_insights(tmp_path) is None and "no valid" in read_prompt(tmp_path).reason


def with_number(text: str, block: str, key: str, number: str) -> str:
    """A file's JSON with the number, read as Python reads it, in a block that holds anything."""
    found = json.loads(text)
    place = found[block]["window"] if key == "coverage" else found[block]
    assert key in place
    place[key] = float(number)
    return json.dumps(found)
