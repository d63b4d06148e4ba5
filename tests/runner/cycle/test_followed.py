from __future__ import annotations

import pytest

from lib.errors import DataError
from lib.questions.record import record_path
from runner.cycle.cycle import run_cycle
from runner.cycle.message import followed_sentence
from runner.question.follow import Following


@pytest.fixture
def asking(settings_for):
    """Settings of a cycle over a folder in which somebody asked."""
    settings = settings_for()
    path = record_path(settings.trading_data)
    path.parent.mkdir(parents=True)
    path.write_text("", encoding="utf-8")
    return settings


@pytest.mark.slow
def test_they_are_asked_before_it_compiles_and_one_that_gives_nothing_is_said(asking, monkeypatch):
    seen = []

    def follow(folder, as_of, limits, stop):
        seen.append((folder, limits.limit_s, (folder / "training_insights.json").exists()))
        return [Following("dips", 2), Following("falls", 0, "it looks ahead")]

    monkeypatch.setattr("runner.question.follow.follow_questions", follow)
    done = run_cycle(asking)
    assert seen == [(asking.trading_data, 60.0, False)]
    assert (done.manifest.status, done.manifest.followed) == ("ok", {"dips": "", "falls": "it looks ahead"})
    assert done.manifest.warnings == [
        "followed question falls gave nothing, and its lesson is withheld until it does: it looks ahead"
    ]
    page = (done.run_dir / "index.html").read_text(encoding="utf-8")
    assert "candles: dips. Gave nothing" in page.replace("\u00a0", " ").replace("’", "'")


@pytest.mark.slow
def test_a_folder_whose_record_is_damaged_has_its_cycle_all_the_same(asking, monkeypatch):
    def follow(*_):
        raise DataError("this is no line of the record", path=record_path(asking.trading_data), line=3)

    monkeypatch.setattr("runner.question.follow.follow_questions", follow)
    manifest = run_cycle(asking).manifest
    assert (manifest.status, manifest.published, manifest.followed) == ("ok", True, {})
    assert (
        len(manifest.warnings) == 1
        and "were not asked, and their lessons are withheld" in manifest.warnings[0]
    )


@pytest.mark.slow
def test_an_interrupt_while_they_are_asked_is_an_interrupted_cycle(asking, monkeypatch):
    def follow(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("runner.question.follow.follow_questions", follow)
    manifest = run_cycle(asking).manifest
    assert (manifest.status, manifest.published) == ("interrupted", False)


def test_the_sentence_of_a_cycle():
    assert followed_sentence({}) == ""
    assert followed_sentence({"dips": ""}) == "Asked of the new candles: dips."
    assert followed_sentence({"dips": "x", "falls": "y"}) == (
        "Gave nothing, and their lessons are withheld: dips, falls."
    )
