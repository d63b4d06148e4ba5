"""The deciders of the arms: one that is executed and one that is a shadow for each, so that neither can hold up or block another.

All of Claude's share the folder's spend file and kept requests with the decider that the loop has without an experiment. A shadow's calls
may count on the part of the day's cap alone that is due by the time of day, so that what is asked for comparison leaves the rest to what
is executed.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from lib.contract.schema import RULES_MODEL
from lib.experiments.arm import Arm
from lib.market.terms import Terms
from runner.claude.decider import ClaudeDecider
from runner.claude.ledger import wall_clock
from runner.claude.prompt import Given, unheard
from runner.claude.refusal import Announce
from runner.claude.settings import ClaudeSettings
from runner.experiment.arms import claude_of, rules_of
from runner.experiment.briefing import lessons_of
from runner.experiment.settings import ExperimentSettings
from runner.trade.deciders import RuleDecider
from runner.trade.models import Answer, Decider, TickView

#: What the rule decider's decisions are called where it is one arm of a loop whose decisions are a model's: one folder has one kind.
RULES_ARM = "rules_arm"


class RulesArm:
    """The rule decider in a loop that is not its own."""

    name = RULES_ARM

    def __init__(self) -> None:
        self._rules = RuleDecider()

    def decide(self, view: TickView, deadline_s: float) -> Answer:
        """As the rule decider's, under another name."""
        found = self._rules.decide(view, deadline_s)
        return Answer(**{**vars(found), "model": self.name})


class ArmDeciders:
    """Makes and keeps the deciders of arms on one folder; `base` is the loop's own, open as long as they are."""

    def __init__(
        self,
        folder: Path,
        base: Decider,
        claude: ClaudeSettings,
        settings: ExperimentSettings,
        terms: Terms,
        announce: Announce = lambda reason, detail: None,
        now: Callable[[], datetime] = wall_clock,
        paced: bool = True,
    ) -> None:
        self.folder, self.base, self.terms = folder, base, terms
        self.claude, self.settings = claude, settings
        self._announce, self._now, self._paced = announce, now, paced
        self._made: dict[tuple[str, str, bool], Decider] = {}

    def executed(self, arm: Arm, because: str) -> Decider:
        """The decider of an arm whose answers are acted on. `because`: why it is told no lessons, if it is told none.

        Raises ConfigError, DataError.
        """
        return self._of(arm, because, shadow=False)

    def shadow(self, arm: Arm, because: str) -> Decider:
        """The decider of an arm whose answers are only scored. Raises as `executed`."""
        return self._of(arm, because, shadow=True)

    def use(self, claude: ClaudeSettings, settings: ExperimentSettings) -> None:
        """Go on with these settings; arms that were made under others are made anew."""
        if (claude, settings) != (self.claude, self.settings):
            self.close()
        self.claude, self.settings = claude, settings

    def close(self) -> None:
        """Give up what is on its way."""
        for made in self._made.values():
            if isinstance(made, ClaudeDecider):
                made.close()
        self._made.clear()

    def _of(self, arm: Arm, because: str, shadow: bool) -> Decider:
        key = arm.sha256(), because, shadow
        if key not in self._made:
            self._made[key] = self._make(arm, because, shadow)
        return self._made[key]

    def _make(self, arm: Arm, because: str, shadow: bool) -> Decider:
        if arm.decider == "rules":
            own = getattr(self.base, "model", self.base.name) == RULES_MODEL
            return RuleDecider() if own else RulesArm()
        claude = claude_of(arm, self.claude, self.settings)
        if shadow:
            claude = claude.model_copy(update={"deadline_s": self.settings.shadow_deadline_s})
        voices = self.base.given.voices if isinstance(self.base, ClaudeDecider) else unheard
        return ClaudeDecider(
            claude,
            self.folder,
            self._announce if not shadow else lambda reason, detail: None,
            terms=self.terms,
            now=self._now,
            given=Given(lessons_of(arm, because, self.terms), rules_of(arm, self.folder), voices),
            beside=self.base if isinstance(self.base, ClaudeDecider) else None,
            tells=not shadow,
            share=self._due if shadow and self._paced else lambda: 1.0,
        )

    def _due(self) -> float:
        """How much of the UTC day is over, 0 to 1."""
        now = self._now().astimezone(UTC)
        return (now - now.replace(hour=0, minute=0, second=0, microsecond=0)).total_seconds() / 86_400
