"""What can be old, kind by kind: each step looks without changing anything, and what it finds knows how it is brought up.

Other files are never old: models of JSON files take defaults for what they lack (lib.contract.results.Model), samples and candles go on
in the columns they have, and the ledger of lessons is made anew from the data.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from lib.contract.standing import file_bytes
from lib.data.atomic import replace_keeping
from runner.claude.ledger import SPEND_FILE, spend_journal
from runner.config_file import read_toml
from runner.config_moved import MOVED, Keys, moved_keys
from runner.errors import ConfigError
from runner.files.journal import Journal
from runner.trade.decision_log import decision_journal
from runner.trade.events import event_journal
from runner.trade.tick_log import tick_journal
from runner.upgrade.toml_keys import with_keys_moved


@dataclass(frozen=True)
class Place:
    """Where is looked: a data folder and a ribbon.toml, which need not be there."""

    trading_data: Path
    config: Path
    moved_keys: Mapping[Keys, Keys] = field(default_factory=lambda: MOVED)


@dataclass(frozen=True)
class OldFile:
    """A file of an older version: what is old about it, and how it is brought up. `locked`: it has writers, and a lock of theirs."""

    path: Path
    what: str
    locked: bool
    bring_up: Callable[[], Path]  #: the copy of what it was; raises, and then the file is as it was

    @property
    def told(self) -> str:
        """In words, with the file's name."""
        return f"{self.path.name} {self.what}"


Step = Callable[[Place], list[OldFile]]


def _old_journals(place: Place) -> list[OldFile]:
    """Journals that lack columns. Raises HeaderError for one that no version wrote."""
    folder = place.trading_data
    journals = (
        event_journal(folder),
        decision_journal(folder),
        tick_journal(folder),
        spend_journal(folder / SPEND_FILE),
    )
    return [
        OldFile(journal.path, f"lacks {_columns(lacking)}", True, partial(_grown, journal))
        for journal in journals
        if (lacking := journal.older_by())
    ]


def _old_config(place: Place) -> list[OldFile]:
    """The configuration, where keys stand under old names. Raises ConfigError for one that is no TOML."""
    values, _ = read_toml(place.config)
    found = moved_keys(values, place.moved_keys)
    if not found:
        return []
    names = ", ".join(f"{'.'.join(old)} is {'.'.join(new)} now" for old, new in found.items())
    return [OldFile(place.config, f"has old keys: {names}", False, partial(_renamed, place))]


STEPS: tuple[Step, ...] = (_old_config, _old_journals)


def _columns(names: list[str]) -> str:
    return f"the column{'s' if len(names) > 1 else ''} {', '.join(names)}"


def _grown(journal: Journal) -> Path:
    with journal:
        return journal.kept_copy or journal.path


def _renamed(place: Place) -> Path:
    path = place.config.resolve()  # what a link names, not the link, is replaced
    try:
        return replace_keeping(
            path, with_keys_moved(file_bytes(path).decode("utf-8-sig"), place.moved_keys).encode()
        )
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from None
