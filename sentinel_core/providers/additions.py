"""Parameters that Sentinel adds to or renames in a request by itself, taken back where a server refuses them."""

from __future__ import annotations

import re
from collections import OrderedDict

from sentinel_core.chat.messages import ChatRequest
from sentinel_core.errors import ProviderRejectedError
from sentinel_core.providers.catalogue import ProviderSpec

USAGE = "stream_options"
RENAMES = "renames"

MAX_MODELS = 256

_UNNAMED = re.compile(
    r"extra (input|field|propert|param)|(unknown|unrecogni[sz]ed|unexpected|unsupported|additional|invalid)"
    r" (\w+ )?(param|field|propert|argument|key|input)|not permitted",
    re.IGNORECASE,
)


class Additions:
    """Remembers the parameters that a provider's server refused, for the MAX_MODELS models that refused last."""

    def __init__(self, spec: ProviderSpec) -> None:
        self._spec = spec
        self._refused: OrderedDict[str, frozenset[str]] = OrderedDict()

    def of(self, request: ChatRequest, *, stream: bool) -> frozenset[str]:
        """Return the additions for this request: USAGE, RENAMES, both or neither; a native one goes as it came."""
        if request.native is not None and self._spec.speaks(request.native.api):
            return frozenset()
        added = set()
        own = request.hints.get(USAGE)
        if stream and self._spec.stream_options and not (isinstance(own, dict) and own.get("include_usage")):
            added.add(USAGE)
        if self._spec.renames.keys() & request.params.keys():
            added.add(RENAMES)
        return frozenset(added) - self._refused.get(request.model, frozenset())

    def remember_refused(self, model: str, refused: frozenset[str]) -> None:
        """Leave these out of later requests for the model."""
        self._refused[model] = self._refused.pop(model, frozenset()) | refused
        if len(self._refused) > MAX_MODELS:
            self._refused.popitem(last=False)

    def refused_in(self, error: ProviderRejectedError, added: frozenset[str]) -> frozenset[str]:
        """Return which of the additions a rejection is about; all of them where it names no parameter."""
        text = " ".join(filter(None, [str(error), *error.error.values()]))
        names = {USAGE: (USAGE, "include_usage"), RENAMES: tuple(self._spec.renames.values())}
        named = frozenset(addition for addition in added if any(name in text for name in names[addition]))
        if named or error.error.get("param"):
            return named
        return added if _UNNAMED.search(text) else frozenset()
