"""The figure that all are drawn on: its margins are counted, it is drawn once, and it shows itself as a small PNG.

In a notebook the inline backend would draw it up to three times: for the cell that has ended, for its layout, and for the picture.
"""

from __future__ import annotations

import matplotlib.figure
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg

from lib.draw.png import encode


class Figure(matplotlib.figure.Figure):
    """A figure whose picture is made when it is first asked for and after changes; `savefig` works as ever."""

    def png(self) -> bytes:
        """The picture as the bytes of a PNG file."""
        canvas = self.canvas
        if not isinstance(canvas, FigureCanvasAgg):
            canvas = FigureCanvasAgg(self)
        if self.stale or not hasattr(canvas, "renderer"):
            canvas.draw()
        return encode(np.asarray(canvas.buffer_rgba()), self.dpi)

    def _ipython_display_(self) -> None:
        """What a notebook calls to show this figure, with any backend and any of its settings."""
        from IPython.display import display

        display({"image/png": self.png(), "text/plain": repr(self)}, raw=True)
