"""A folder's parts: what is explored ends at the boundary, and the trades are those that the product would make."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from bench.questions.folder import Folder
from bench.questions.market import FREE, STEPS_A_DAY, markets
from lib.questions.history import OPEN_SHARE
from lib.questions.trades import question_trades


@pytest.fixture(scope="module")
def folder():
    [history] = markets(50, np.random.default_rng(1))
    return Folder(history, FREE, 40)


@pytest.fixture(scope="module")
def said(folder):
    draws = np.random.default_rng(2).choice([1, -1, 0], len(folder.history.rows), p=[0.05, 0.05, 0.9])
    return draws.astype(np.int8)


def made(history, said, begin=0):
    return question_trades(said, history.rows, history.path, FREE.exits, FREE.costs, begin).closed


def test_the_boundary_lies_at_70_percent_of_what_there_was_at_the_first_ask(folder):
    assert folder.asked_rows == 40 * STEPS_A_DAY and folder.sealed_from == int(
        OPEN_SHARE * (40 * STEPS_A_DAY)
    )
    assert folder.boundary == folder.history.rows.index[folder.sealed_from - 1]


def test_what_is_explored_is_what_was_known_at_the_boundary(folder, said):
    part = folder.history.until(folder.boundary)
    wanted = made(part, said[: len(part.rows)])
    assert len(wanted) > 200
    pd.testing.assert_frame_equal(folder.closed(said, 0, folder.sealed_from), wanted)
    assert folder.explored(said).tolist() == wanted["net_pct"].tolist()


def test_what_is_confirmed_and_followed_begins_flat_and_ends_with_its_rows(folder, said):
    ends = folder.asked_rows
    part = folder.history.until(folder.history.rows.index[ends - 1])
    pd.testing.assert_frame_equal(
        folder.closed(said, folder.sealed_from, ends), made(part, said[:ends], folder.sealed_from)
    )
    pd.testing.assert_frame_equal(folder.closed(said, ends), made(folder.history, said, ends))


def test_a_verdict_names_its_part(folder, said):
    ends = folder.asked_rows
    found = folder.verdict(folder.closed(said, folder.sealed_from, ends), 3, folder.sealed_from, ends)
    assert (found.since, found.until) == ("2026-01-28T23:55:00Z", "2026-02-10T00:00:00Z")
    assert (found.days, found.level) == (12.0, 0.00025) and found.trades > 50
