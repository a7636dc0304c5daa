"""What keeps whole MDM servers from syncing, also where no device was read that it stops (SPEC T8, causes of L0)."""

from collections.abc import Iterator, Mapping
from typing import Final

from abm_trace.core.instants import parse, render
from abm_trace.verdict.context import Server

_NAMED_MAX: Final = 5


def sentences(servers: Mapping[str, Server], as_of: int) -> tuple[str, ...]:
    """A sentence for each server whose last try to sync failed, or whose token is past its end, by name; a few."""
    told = [f"{name or 'one without a name'}: {', '.join(found)}" for name, found in _troubled(servers, as_of)]
    more = [f"{len(told) - _NAMED_MAX:,} more have such trouble"] if len(told) > _NAMED_MAX else []
    return (*told[:_NAMED_MAX], *more)


def _troubled(servers: Mapping[str, Server], as_of: int) -> Iterator[tuple[str, list[str]]]:
    for name, server in sorted(servers.items()):
        found = []
        if server.syncs and (last := server.syncs[-1]).kind == "sync_failed":
            at = "" if last.at is None else f", {render(last.at)}"
            found.append(f"its last try to sync failed{at} ({last.value or 'no reason given'})")
        if (
            server.token
            and (expires := _time(server.token.attrs.get("expires_at", ""))) is not None
            and expires <= as_of
        ):
            found.append(f"its token expired {render(expires)}")
        if found:
            yield name, found


def _time(text: str) -> int | None:
    try:
        return parse(text)
    except ValueError:
        return None
