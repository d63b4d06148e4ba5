"""What the processes of a question may take: the limits of a notebook, whoever names them ([cycle] in the settings)."""

from __future__ import annotations

from typing import Protocol

MB = 1_000_000


class Limits(Protocol):
    """Wall time in seconds, output and memory in megabytes."""

    @property
    def limit_s(self) -> float:
        """Wall time of each process."""

    @property
    def output_mb(self) -> float:
        """What each may print."""

    @property
    def memory_mb(self) -> float:
        """Memory of each with all that it starts."""
