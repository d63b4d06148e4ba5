"""Lines of the record about following: a question is *kept*, and from then on cycles ask it; *dropped*, and they no longer do.

Evidence of a kept question begins with the whole hour after its keeping, and following ends with the whole hour after it was dropped
(docs/definitions.md, Questions). What would surprise: whole hours, because the ledger goes by hours; so a line that is written while a
cycle is at work belongs to an hour that no cycle has taken in yet, and a ledger that is rebuilt comes out the same.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from lib.contract.results import Model
from lib.market.terms import Terms
from lib.questions.times import Time


class Kept(Model):
    """A question that cycles ask from now on; it spends the next number of the confirmed questions' levels."""

    kind: Literal["kept"] = Field("kept", description="What the line is.")
    at: Time = Field(description="When it was kept, ISO 8601 in UTC, by the machine's clock.")
    k: int = Field(description="Number of the level, from 1; no number is given twice.")
    question: str = Field(description="The question's name.")
    sha256: str = Field(description="Hash of the question's file, and of the folder's copy of it.")
    market: str = Field(description="The market of the folder's candles.")
    since: Time = Field(
        description="Trades entered later than this instant count, ISO 8601 in UTC, a whole hour."
    )
    terms: Terms = Field(description="The terms that it is judged under; under others it is not followed.")

    @property
    def value(self) -> str:
        """What its group is called in the ledger: name, beginning of the hash, and number."""
        return f"{self.question}-{self.sha256[:8]}-{self.k}"

    @property
    def folder(self) -> str:
        """The folder of its copy, beside the record: under its name and hash."""
        return f"{self.question}-{self.sha256[:12]}"


class Dropped(Model):
    """A kept question that is followed no longer; what was found of it stays."""

    kind: Literal["dropped"] = Field("dropped", description="What the line is.")
    at: Time = Field(description="When it was dropped, ISO 8601 in UTC, by the machine's clock.")
    k: int = Field(description="Number of the level that its keeping spent.")
    question: str = Field(description="The question's name.")
    until: Time = Field(description="When following ended, ISO 8601 in UTC, a whole hour.")
