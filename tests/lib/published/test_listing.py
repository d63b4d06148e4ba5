from __future__ import annotations

import pytest

from lib.errors import ParameterError
from lib.history.log import store_record
from lib.prompt.archive import archive_text
from lib.prompt.hold import add_hold
from lib.published.listing import list_prompts, named_prompt
from tests.lib.history.test_log import FIRST, SECOND, THIRD, cycle

BETWEEN = "2025-10-19T15:30:00Z"


@pytest.fixture
def told(tmp_path):
    """Texts a, b, a told in three hours, c kept and in no record."""
    shas = {text: archive_text(tmp_path, text) for text in "abc"}
    for as_of, text in ((FIRST, "a"), (SECOND, "b"), (THIRD, "a")):
        record = cycle(as_of, [0.1], [], []).model_copy(update={"prompt_sha256": shas[text]})
        store_record(tmp_path, record)
    return tmp_path, shas


def test_the_list(told):
    folder, shas = told
    add_hold(folder, shas["b"], FIRST, None)
    found = list_prompts(folder)
    by_sha = {prompt.sha256: prompt for prompt in found.prompts}
    assert [prompt.sha256 for prompt in found.prompts] == [shas["c"], shas["b"], shas["a"]]
    a = by_sha[shas["a"]]
    assert (a.told_from, a.told_last, a.cycles, a.bytes, a.held) == (FIRST, THIRD, 2, 1, False)
    assert by_sha[shas["b"]].held and by_sha[shas["c"]].told_last is None
    assert found.in_force == "" and not any(prompt.in_force for prompt in found.prompts)


def test_named_by_the_beginning_of_a_hash_or_by_a_time(told):
    folder, shas = told
    assert named_prompt(shas["c"][:6].upper(), folder) == shas["c"]
    assert named_prompt(shas["c"], folder) == shas["c"]
    assert named_prompt(SECOND, folder) == named_prompt(BETWEEN, folder) == shas["b"]
    assert named_prompt("2030-01-01T00:00:00Z", folder) == shas["a"]


@pytest.mark.parametrize(
    ("ref", "words"),
    [
        ("abc", "too short"),
        ("0" * 12, "no kept prompt's hash begins with"),
        ("yesterday", "neither"),
        ("", "neither"),
        ("2025-10-19 15:00", "neither"),  # no zone
        ("2020-01-01T00:00:00Z", "no cycle up to"),
    ],
)
def test_what_names_nothing_is_an_error_with_the_remedy(told, ref, words):
    with pytest.raises(ParameterError, match=words):
        named_prompt(ref, told[0])


def test_what_names_two_is_refused(told, monkeypatch):
    folder, shas = told
    monkeypatch.setattr("lib.published.listing.LEAST_DIGITS", 1)
    common = next(
        first for first in "0123456789abcdef" if sum(sha.startswith(first) for sha in shas.values()) == 1
    )
    twin = 0
    while not (sha := archive_text(folder, f"twin {twin}")).startswith(common):
        twin += 1
    with pytest.raises(ParameterError, match="more digits"):
        named_prompt(common, folder)
    assert named_prompt(sha, folder) == sha
