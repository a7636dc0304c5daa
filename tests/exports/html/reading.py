"""Reading a report back: the elements of the page, and the verdicts that it embeds."""

import json
from html.parser import HTMLParser
from typing import Any, Final

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
    """The document of the data element."""
    begin = data.index(b'id="data">') + len(b'id="data">')
    found: dict[str, Any] = json.loads(data[begin : data.index(b"</script>", begin)])
    return found


def verdicts(page: dict[str, Any]) -> list[dict[str, Any]]:
    """The objects of the NDJSON, made of what the page embeds as report.js reads it."""
    return [_verdict(page, row) for row in page["devices"]]


def skipped(page: dict[str, Any]) -> list[dict[str, Any]]:
    """What was not used, as the NDJSON says it."""
    words = page["words"]
    return [
        {"schema": "abm-trace/skipped/1", "path": words[path], "line": line, "offset": offset, "reason": words[reason]}
        for path, reason, line, offset in page["skipped"]
    ]


def _verdict(page: dict[str, Any], row: list[Any]) -> dict[str, Any]:
    words = page["words"]
    word = [None if each is None else words[each] for each in (row[3], row[5], row[6])]
    base = page["as_of"] if row[11] is None else row[11]
    return {
        "schema": "abm-trace/verdict/1",
        "serial": row[0],
        "site": words[row[1]],
        "verdict": words[row[2]],
        "last_rung": word[0],
        "last_rung_at": _stamp(row[4], base),
        "layer": word[1],
        "cause": word[2],
        "contributing": [words[each] for each in row[7]],
        "confidence": row[8] / 100,
        "attempts": row[9],
        "identifiers": row[10],
        "first_seen": _instant(row[11]),
        "last_seen": _stamp(row[12], base),
        "deadline_at": _stamp(row[13], base),
        "as_of": _instant(page["as_of"]),
        "clock_offset": None if row[14] is None else row[14] / 1_000_000,
        "journeys": row[15],
        "simulated": page["simulated"],
        "missing": [words[each] for each in row[16]],
        "findings": [_finding(page, page["findings"][each], row[0]) for each in row[17]],
        "next_action": _own(words[row[18]], row[0]),
        "exposure": [words[each] for each in row[19]],
        "sighting": _sighting(page, row[22], base) if row[22:] else None,
    }


def _sighting(page: dict[str, Any], row: list[Any], base: int | str) -> dict[str, Any]:
    at, place, ip, hostname, until, origin = row
    return {
        "at": _stamp(at, base), "place": place, "ip": ip, "hostname": hostname, "until": until,
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
        "text": _own(words[row[7]], serial),
        "evidence": [_place(page, page["places"][each]) for each in row[8]],
    }


def _place(page: dict[str, Any], row: list[Any]) -> dict[str, Any]:
    path, line, record, offset, digest, by, _ = row
    return {
        "path": page["words"][path], "line": line, "record": record, "offset": offset, "sha256": digest or None,
        "by": page["words"][by],
    }  # fmt: skip


def _own(text: str, serial: str) -> str:
    return "\x00".join(part.replace("\x00s", serial) for part in text.split("\x000"))


def _instant(at: int | str | None) -> str | None:
    return at if at is None or isinstance(at, str) else rendered(at)


def _stamp(ms: float | str | None, base: int | str) -> str | None:
    if ms is None or isinstance(ms, str):
        return ms
    assert isinstance(base, int)
    return rendered(base + round(ms * 1000))
