"""The figure that all are drawn on: its margins are counted, it is drawn once, and it shows itself as a small PNG beside its finding.

In a notebook the inline backend would draw it up to three times: for the cell that has ended, for its layout, and for the picture.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import matplotlib.figure
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg

from lib.draw.png import encode

if TYPE_CHECKING:
    from lib.contract.price_block import PriceBlock


class Figure(matplotlib.figure.Figure):
    """A figure whose picture is made when it is first asked for and after changes; `savefig` works as ever."""

    #: What the picture shows, in a sentence, for whoever does not see it; without one its titles are taken.
    finding: str = ""
    #: What a report makes a zoomable chart of, in the picture's place.
    block: PriceBlock | None = None

    @property
    def alt(self) -> str:
        """The words that stand for the picture: its finding, else what its titles say."""
        titles = (" ".join(ax.get_title(loc="left").split()) for ax in self.axes)
        return self.finding or "; ".join(title for title in titles if title)

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

        # Half of its pixels: what JupyterLab shows on a screen that is not made for a phone.
        look = {"width": round(self.get_figwidth() * 120), "alt": self.alt}
        shown = {"image/png": self.png(), "text/plain": repr(self)}
        if self.block is not None:
            from lib.contract.price_block import BLOCK_TYPE

            shown[BLOCK_TYPE] = self.block.model_dump()
        display(shown, raw=True, metadata={"image/png": look})
