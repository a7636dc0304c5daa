"""Where statements stand: each origin as `path:line`, and the text that stands there."""

from collections.abc import Iterable, Mapping

from abm_trace.core.nouns import Blob, Origin
from abm_trace.pipeline.cite import completed
from abm_trace.pipeline.quote import quoted
from abm_trace.pipeline.reading import BLOCK_BYTES


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
        self._complete = completed(uncited, blobs, bytearray(BLOCK_BYTES))
        self._texts = quoted(wanted, blobs)

    def where(self, origin: Origin | None) -> str:
        """`path:line`, or `path record N` where a file has no lines, "" for no origin at all."""
        if origin is None or not origin.path:
            return ""
        origin = self._complete.get(origin, origin)
        if origin.line is not None:
            return f"{origin.path}:{origin.line}"
        return f"{origin.path} record {origin.record}" if origin.record is not None else origin.path

    def text(self, origin: Origin) -> str:
        """The quoted text of an origin, "" where there is none to show."""
        return self._texts.get(origin, "")
