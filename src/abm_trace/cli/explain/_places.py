"""Where statements stand: each origin as `path:line`, and the text that stands there."""

from collections.abc import Iterable, Mapping

from abm_trace.core.nouns import Blob, Origin
from abm_trace.exports._interface import place_of
from abm_trace.pipeline.cite import completed
from abm_trace.pipeline.quote import quoted
from abm_trace.pipeline.text import block_buffer


class Places:
    """Looks origins up in their blobs once, blob by blob."""

    def __init__(self, origins: Iterable[Origin], blobs: Mapping[str, Blob]) -> None:
        wanted: dict[str, set[Origin]] = {}
        for origin in origins:
            if origin.path in blobs:
                wanted.setdefault(origin.path, set()).add(origin)
        uncited = {
            path: [origin for origin in each if origin.line is None and origin.record is None]
            for path, each in wanted.items()
        }
        self._complete = completed(uncited, blobs, block_buffer())
        self._texts = quoted(wanted, blobs)

    def where(self, origin: Origin | None) -> str:
        """`path:line`, or `path record N` where a file has no lines, "" for no origin at all."""
        if origin is None or not origin.path:
            return ""
        return place_of(self.complete(origin))

    def complete(self, origin: Origin) -> Origin:
        """The origin with its line and digest, as far as its blob can be read again."""
        return self._complete.get(origin, origin)

    def text(self, origin: Origin) -> str:
        """The quoted text of an origin, "" where there is none to show."""
        return self._texts.get(origin, "")
