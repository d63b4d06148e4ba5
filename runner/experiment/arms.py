"""Arms: from what is set to what the log names, and from what the log names to a decider.

An arm's content is what `lib.experiments.arm.Arm` holds. A rules file is kept by its hash in the folder's archive when an experiment
begins, so that an arm can be gone back to though the file it came from is another by then.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lib.contract.standing import expanded, file_text
from lib.errors import DataError, ParameterError, file_remedy
from lib.experiments.arm import Arm
from lib.market.terms import Terms
from lib.prompt.archive import archive_text, read_archive, sha256_of
from runner.claude.rules import own_rules, rules_text
from runner.claude.settings import ClaudeSettings
from runner.errors import ConfigError
from runner.experiment.settings import ArmSettings, ExperimentSettings

#: A rules file in the archive of prompts.
RULES = ".rules"


@dataclass(frozen=True)
class ArmsSet:
    """Both arms as they are set now, and the texts of their rules files by hash."""

    a: Arm
    b: Arm
    rules: dict[str, str]

    def keep(self, folder: Path) -> None:
        """Keep the rules files in a data folder. Raises OSError."""
        for text in self.rules.values():
            archive_text(folder, text, RULES)


def arms_set(settings: ExperimentSettings, claude: ClaudeSettings, terms: Terms) -> ArmsSet:
    """The arms of `[experiment]`. Raises ConfigError for what makes none: no such file, a model without its prices."""
    rules: dict[str, str] = {}
    without = settings.lesson
    if without and (settings.a.lessons, settings.b.lessons) != ("published", "none"):
        raise ConfigError(
            "[experiment] lesson: it is left out of the published lessons, so a.lessons and b.lessons stay unset"
        )
    a = _arm(settings.a, claude, terms, rules)
    chosen = settings.b.model_copy(update={"lessons": "published"}) if without else settings.b
    b = _arm(chosen, claude, terms, rules, without)
    names = [settings.a.name or _name(a, b), settings.b.name or _name(b, a)]
    if names[0] == names[1]:
        names = [f"{name} ({letter})" for name, letter in zip(names, "ab", strict=True)]
    a, b = (arm.model_copy(update={"name": name[:40]}) for arm, name in zip((a, b), names, strict=True))
    return ArmsSet(a, b, rules)


def claude_of(arm: Arm, claude: ClaudeSettings, settings: ExperimentSettings) -> ClaudeSettings:
    """The settings that an arm of Claude is asked with. Raises ConfigError where nobody says what its model costs."""
    update: dict[str, Any] = {"model": arm.model, "effort": arm.effort or claude.effort}
    update["first_model"] = arm.first_model
    if arm.model != claude.model:
        update["prices"] = _prices(arm.model, claude, settings)
    return claude.model_copy(update=update)


def rules_of(arm: Arm, folder: Path) -> str:
    """The text of an arm's rules file; "" of the one that comes with the program. Raises DataError where it is not kept."""
    if arm.rules_sha256 == sha256_of(own_rules()):
        return ""
    return read_archive(folder, arm.rules_sha256, RULES)


def kept_prompt(arm: Arm, folder: Path) -> str:
    """The kept prompt that an arm is told; "" of one that is told something else. Raises ParameterError where the folder has it not."""
    if arm.lessons in ("published", "none"):
        return ""
    try:
        return read_archive(folder, arm.lessons)
    except DataError as error:
        raise ParameterError(f"arm {arm.name}: {error}") from None


def _arm(
    chosen: ArmSettings, claude: ClaudeSettings, terms: Terms, rules: dict[str, str], without: str = ""
) -> Arm:
    if chosen.decider == "rules":
        return Arm(name="rules", decider="rules", lessons="none")
    text = _rules(chosen.rules, terms) if chosen.rules else own_rules()
    rules[sha256_of(text)] = text
    return Arm(
        name="claude",
        lessons=chosen.lessons,
        without_lesson=without,
        rules_sha256=sha256_of(text),
        model=chosen.model or claude.model,
        first_model=_first(chosen, claude),
        effort=chosen.effort or claude.effort,
    )


def _first(chosen: ArmSettings, claude: ClaudeSettings) -> str:
    """The model that is asked before an arm's own; "" for none."""
    if chosen.first_model:
        return "" if chosen.first_model == "none" else chosen.first_model
    return "" if chosen.model else claude.first_model


def _rules(name: str, terms: Terms) -> str:
    path = expanded(name)
    try:
        text = file_text(path)
    except OSError as error:
        what = f"{error.strerror}. {file_remedy(error)}".rstrip()
        raise ConfigError(f"[experiment] rules {path} cannot be read: {what}") from None
    except UnicodeDecodeError as error:
        raise ConfigError(f"[experiment] rules {path} cannot be read: {error}. Save it as UTF-8") from None
    try:
        rules_text(terms, text)
    except (KeyError, IndexError, ValueError) as error:
        raise ConfigError(
            f"[experiment] rules {path}: {error} in braces is no figure that is filled in; a brace that stays is written twice"
        ) from None
    return text


def _prices(model: str, claude: ClaudeSettings, settings: ExperimentSettings) -> Any:
    for chosen in (settings.a, settings.b):
        if chosen.model == model and chosen.input_usd and chosen.output_usd:
            given = {"input_usd": chosen.input_usd, "output_usd": chosen.output_usd}
            return claude.prices.model_copy(update=given)
    raise ConfigError(
        f"what {model} costs is not known, so nothing is asked of it: set input_usd and output_usd beside it in [experiment]"
    )


def _name(arm: Arm, other: Arm) -> str:
    """What an arm is called that nobody named: what sets it apart from the other."""
    if arm.decider == "rules":
        return "rules"
    if other.decider == "rules":
        return "claude" if arm.lessons == "none" else "lessons"
    told = {"published": "lessons", "none": "no lessons"}.get(arm.lessons, f"prompt {arm.lessons[:8]}")
    if arm.without_lesson or other.without_lesson:
        told = "without the lesson" if arm.without_lesson else "with the lesson"
    parts = [told] if (arm.lessons, arm.without_lesson) != (other.lessons, other.without_lesson) else []
    parts += [arm.model] if arm.model != other.model else []
    parts += [f"{arm.first_model or 'none'} first"] if arm.first_model != other.first_model else []
    parts += [f"effort {arm.effort}"] if arm.effort != other.effort and arm.model == other.model else []
    parts += [f"rules {arm.rules_sha256[:8]}"] if arm.rules_sha256 != other.rules_sha256 else []
    return ", ".join(parts) or told
