"""Reading a report back: the elements of the page, and the verdicts that it embeds."""

import json
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any, Final

from abm_trace.core.instants import parse as parsed
from abm_trace.core.instants import render as rendered

VOID: Final = {"meta", "input", "br", "rect", "line"}


class Page(HTMLParser):
    """The elements of a page with their attributes and texts; raises AssertionError where they are not nested."""

    def __init__(self, data: bytes) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[tuple[str, ...], str]] = []
        self._open: list[str] = []
        self.feed(data.decode())
        self.close()
        assert not self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Notes an element."""
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"{tag} has an attribute twice: {names}"
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Notes an element without content."""
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        """Checks that what is closed is what was opened."""
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Notes a text with the elements that it stands in."""
        self.texts.append((tuple(self._open), data))

    def handle_comment(self, data: str) -> None:
        """There is none."""
        raise AssertionError(data)

    def inside(self, tag: str) -> list[str]:
        """The texts directly inside elements of this name."""
        return [text for path, text in self.texts if path and path[-1] == tag]

    @property
    def text(self) -> str:
        """What a reader sees without the script: all texts but code and data."""
        return " ".join(
            " ".join(text for path, text in self.texts if path and path[-1] not in {"script", "style"}).split()
        )


def embedded(data: bytes) -> dict[str, Any]:
    """What both embedded documents hold together."""
    return together(*(_element(data, name) for name in ("data", "proofs")))


def _element(data: bytes, name: str) -> bytes:
    opening = f'<script type="application/json" id="{name}">'.encode()
    begin = data.index(opening) + len(opening)
    return data[begin : data.index(b"</script>", begin)]


def together(data: bytes, proofs: bytes) -> dict[str, Any]:
    """One document of two: the words and the columns of the second go on where those of the first end."""
    first, second = json.loads(data), json.loads(proofs)
    return {
        **first, **second, "words": first["words"] + second["words"], "devices": first["devices"] | second["devices"],
    }  # fmt: skip


def verdicts(page: dict[str, Any]) -> list[dict[str, Any]]:
    """The objects of the NDJSON, made of what the page embeds as report.js reads it."""
    return [_verdict(page, device) for device in devices(page)]


def devices(page: dict[str, Any]) -> list[dict[str, Any]]:
    """What the columns say of each device."""
    columns = page["devices"]
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def skipped(page: dict[str, Any]) -> list[dict[str, Any]]:
    """What was not used, as the NDJSON says it."""
    words = page["words"]
    return [
        {"schema": "abm-trace/skipped/1", "path": words[path], "line": line, "offset": offset, "reason": words[reason]}
        for path, reason, line, offset in page["skipped"]
    ]


def rungs(page: dict[str, Any], device: dict[str, Any]) -> dict[str, tuple[str, int, int | None, float | None]]:
    """Rung → its path, what the number counts, the number, and its time as it is embedded; of the proved ones."""
    rest = zip(device["rung_numbers"], device["rung_times"], strict=True)
    found = {}
    for rung, seat in zip(page["rungs"], device["rung_seats"], strict=False):
        if seat is not None:
            path, how, _ = page["seats"][seat]
            found[rung] = (own(page["words"][path], device["serial"]), how, *next(rest))
    assert not list(rest)
    return found


def _verdict(page: dict[str, Any], device: dict[str, Any]) -> dict[str, Any]:
    words, serial = page["words"], device["serial"]
    last = _stamp(device["last_seen"], page["as_of"])

    def word(name: str) -> str | None:
        return None if device[name] is None else words[device[name]]

    def each(name: str) -> list[str]:
        return [words[number] for number in device[name]]

    def at(ms: float | str | None) -> str | None:
        base = page["as_of"] if last is None else parsed(last)
        return _stamp(ms, base)

    return {
        "schema": "abm-trace/verdict/1",
        "serial": serial,
        "site": word("site"),
        "verdict": word("verdict"),
        "last_rung": word("last_rung"),
        "last_rung_at": at(device["last_rung_at"]),
        "layer": word("layer"),
        "cause": word("cause"),
        "contributing": each("contributing"),
        "confidence": device["confidence"] / 100,
        "attempts": device["attempts"],
        "identifiers": device["identifiers"],
        "first_seen": at(device["first_seen"]),
        "last_seen": last,
        "deadline_at": at(device["deadline_at"]),
        "as_of": _instant(page["as_of"]),
        "clock_offset": None if device["clock_offset_us"] is None else device["clock_offset_us"] / 1_000_000,
        "journeys": device["journeys"],
        "simulated": page["simulated"],
        "missing": each("missing"),
        "findings": [_finding(page, page["findings"][number], serial) for number in device["findings"]],
        "next_action": own(words[device["next_action"]], serial),
        "exposure": each("exposure"),
        "sighting": None if device["sighting"] is None else _sighting(page, device["sighting"], at),
    }


def _sighting(page: dict[str, Any], row: list[Any], stamped: Callable[[float | str | None], str | None]) -> object:
    at, place, ip, hostname, until, origin = row
    return {
        "at": stamped(at), "place": place, "ip": ip, "hostname": hostname, "until": until,
        "evidence": _place(page, page["places"][origin]),
    }  # fmt: skip


def _finding(page: dict[str, Any], row: list[Any], serial: str) -> dict[str, Any]:
    words = page["words"]
    return {
        "id": words[row[0]],
        "kind": words[row[1]],
        "layer": words[row[2]] or None,
        "cause": words[row[3]] or None,
        "severity": words[row[4]],
        "confidence": row[5] / 100,
        "at": _stamp(row[6], page["as_of"]),
        "text": own(words[row[7]], serial),
        "evidence": [_place(page, page["places"][each]) for each in row[8]],
    }


def _place(page: dict[str, Any], row: list[Any]) -> dict[str, Any]:
    path, line, record, offset, digest, by, _ = row
    return {
        "path": page["words"][path], "line": line, "record": record, "offset": offset, "sha256": digest or None,
        "by": page["words"][by],
    }  # fmt: skip


def own(text: str, serial: str) -> str:
    """A text with the device's own serial in its place."""
    return "\x00".join(part.replace("\x00s", serial) for part in text.split("\x000"))


def _instant(at: int | str | None) -> str | None:
    return at if at is None or isinstance(at, str) else rendered(at)


def _stamp(ms: float | str | None, base: int | str) -> str | None:
    if ms is None or isinstance(ms, str):
        return ms
    assert isinstance(base, int)
    return rendered(base + round(ms * 1000))
