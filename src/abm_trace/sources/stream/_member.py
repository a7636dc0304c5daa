"""What a container holds: a member to be read, or something that is named in its place."""

import msgspec

from abm_trace.sources.stream._source import Source


class Found(msgspec.Struct, frozen=True):
    """A member, or with a `reason` what is not read. A name of None means the container itself.

    `source` gives the member's bytes and must be drawn before the next one is asked for. `offset` is where it stands
    in the container.
    """

    name: str | None
    source: Source | None = None
    reason: str = ""
    offset: int | None = None


def text_of(name: bytes, fallback: str = "utf-8") -> str:
    r"""A name as text: UTF-8 where it is, else in the encoding of its kind, odd bytes as `\xNN`."""
    try:
        return name.decode("utf-8")
    except UnicodeDecodeError:
        return name.decode(fallback, "backslashreplace")
