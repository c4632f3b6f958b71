"""Which providers and models a caller may ask."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reach:
    """Names of providers and models that may be asked; without any, all. Models may carry their provider's name."""

    providers: tuple[str, ...] = ()
    models: tuple[str, ...] = ()

    def allows(self, provider: str, model: str) -> bool:
        """Return whether this model of this provider may be asked."""
        if self.providers and provider not in self.providers:
            return False
        return not self.models or model in self.models or f"{provider}/{model}" in self.models


EVERYTHING = Reach()
