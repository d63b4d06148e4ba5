"""What can be set of the page to watch. `[serve]` of ribbon.toml."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

DEFAULT_PORT = 8620


class ServeSettings(BaseModel):
    """`[serve]`: where the page is."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    port: int = Field(
        DEFAULT_PORT,
        ge=0,
        le=65_535,
        description="Port of 127.0.0.1 that it listens on; 0: any that is free. `ribbon serve --port` goes over it.",
    )
