"""What can be set about the hourly cycle: what each of its notebooks may take."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from runner.cycle.models import DEFAULT_LIMIT_S, DEFAULT_MEMORY_MB, DEFAULT_OUTPUT_MB


class CycleSettings(BaseModel):
    """`[cycle]`: limits of each notebook; one that passes any of them has failed, and the others go on."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    limit_s: float = Field(
        DEFAULT_LIMIT_S,
        ge=5,
        description="Wall time, seconds; a start may take 60 s of it, or half. `ribbon cycle --limit-s` goes over it.",
    )
    output_mb: float = Field(
        DEFAULT_OUTPUT_MB,
        gt=0,
        le=500,
        description="Output, megabytes: of all that its kernel sends, also what is shown and replaced, and of the executed copy.",
    )
    memory_mb: float = Field(
        DEFAULT_MEMORY_MB,
        ge=500,
        description="Memory of its processes and all that they start, megabytes. A page they share counts once.",
    )
