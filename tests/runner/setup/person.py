"""A person at the terminal, whose answers are known beforehand."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Person:
    """Answers in their order; None is Enter. `asked` has every question with its default; an unexpected question fails the test."""

    answers: list[str | bool | None]
    asked: list[str] = field(default_factory=list)

    def ask(self, text: str, default: str) -> str:
        """An answer."""
        found = self._next(f"{text} [{default}]")
        return default if found is None else str(found)

    def ask_secret(self, text: str) -> str:
        """A secret."""
        return str(self._next(text) or "")

    def agree(self, text: str, default: bool) -> bool:
        """Yes or no."""
        found = self._next(text)
        return default if found is None else bool(found)

    def _next(self, text: str) -> str | bool | None:
        self.asked.append(text)
        assert self.answers, f"nobody expected to be asked {text!r}"
        return self.answers.pop(0)
