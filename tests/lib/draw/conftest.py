"""Every drawing test draws in the house style and leaves no figure open."""

from __future__ import annotations

from collections.abc import Iterator

import matplotlib.pyplot as plt
import pytest
from matplotlib.axes import Axes

from lib.draw.style import new_axes


@pytest.fixture
def ax() -> Iterator[Axes]:
    """An axis; it is rendered at the end, as some faults show only then."""
    axes = new_axes()
    yield axes
    axes.figure.canvas.draw()
    plt.close("all")
