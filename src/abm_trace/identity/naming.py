"""The first look at the facts of all exports: which devices, sites, hosts and servers the case has."""

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

import msgspec

from abm_trace.core.beginnings import Beginning, beginnings
from abm_trace.core.nouns import Fact, Reading
from abm_trace.identity.owners import NAMED_BY_PATH, WORDS, Owners
from abm_trace.identity.serials import Serials, is_numbered_word, looks_like_serial
from abm_trace.identity.servers import Servers

NAMING_SOURCES: Final = frozenset({"manifest", "audit", "abm", "mdm", "dep"})
"""The sources whose serials are devices; a serial that none of them names is none (CASE.md)."""

WIDE_KINDS: Final = frozenset({"coverage", "token"})
SERVER_KINDS: Final = frozenset({"server", "account", "sync_ok", "sync_failed", "server_token", "dep_profile"})
OF_A_SERVER: Final = frozenset({"dep", "mdm"})
"""Sources that are one MDM server's: what they say is said of its devices."""

_NOT_OF_A_DEVICE: Final = WIDE_KINDS | SERVER_KINDS

_OF_ONE_DEVICE: Final = "mac-checks"
"""What a device answered about itself: its file is named after it, as a capture's is."""

NOBODY: Final = -1


class Named(msgspec.Struct, frozen=True):
    """The names of a case.

    `whose` has for each fact of each export the number of its serial in `serials`; NOBODY where more than the serial
    must be looked at to know its owner.
    """

    owners: Owners
    serials: Sequence[str]
    whose: Sequence[Sequence[int]]

    def places(self, numbers: Callable[[str], int | None]) -> "array[int]":
        """The device of each of `serials`, as `numbers` has its key, and NOBODY's at the end."""
        found = array("l", [NOBODY]) * (len(self.serials) + 1)
        for place, text in enumerate(self.serials):
            key = self.owners.serials.key(text)
            number = None if key is None else numbers(key)
            if number is not None:
                found[place] = number
        return found


def named(readings: Sequence[Reading]) -> Named:
    """The names of the case of these readings.

    The facts of a large export are decoded each time they are looked at, so they are looked at twice: for the serials
    and the other names, and for the keys that lead to these serials.
    """
    exports = [reading for reading in readings if not reading.captures]
    manifest: dict[str, int] = {}
    others: dict[str, int] = {}
    beside: dict[str, int] = {}  # Of other sources, whose serials make no device.
    sites: dict[str, str] = {}
    hosts: dict[str, str] = {}
    whose: list[array[int]] = []
    served: list[bool] = []

    def noting() -> Iterator[Fact | Beginning]:
        for reading in exports:
            whose.append(own := array("l"))
            served.append(False)
            for fact in beginnings(reading.facts):
                number = NOBODY
                source, attrs = fact.source, fact.attrs
                if source in NAMING_SOURCES:
                    if (serial := attrs.get("serial")) is not None:
                        found = manifest if source == "manifest" else others
                        number = found.setdefault(serial, len(manifest) + len(others) + len(beside))
                        if fact.kind in _NOT_OF_A_DEVICE:
                            number = NOBODY
                elif fact.kind not in _NOT_OF_A_DEVICE and reading.format != NAMED_BY_PATH and "serial" in attrs:
                    number = beside.setdefault(attrs["serial"], len(manifest) + len(others) + len(beside))
                if source == "manifest":
                    for attr, names in (("site", sites), ("staging_host", hosts)):
                        if name := attrs.get(attr):
                            names.setdefault(name.casefold(), name)
                if source in OF_A_SERVER or "server_id" in attrs:
                    served[-1] = True
                own.append(number)
                yield fact

    servers = Servers.named(noting())
    serials = sorted((*manifest.items(), *others.items(), *beside.items()), key=_number)
    if servers:  # What is said for a server gets its name, one by one.
        whose = [array("l", [NOBODY]) * len(own) if each else own for own, each in zip(whose, served, strict=True)]
    guessed = () if manifest or others else sorted(_guessed(readings))
    owners = Owners(Serials(manifest, others or guessed), sites=sites, hosts=hosts, servers=servers)
    owners.learn(fact for reading in exports for fact in beginnings(reading.facts))
    return Named(owners, [text for text, _ in serials], whose)


def _number(each: tuple[str, int]) -> int:
    return each[1]


def _guessed(readings: Iterable[Reading]) -> set[str]:
    """The serials of a case without manifest or exports: named in lines, or hosts and files that look like one."""
    found = set()
    for reading in readings:
        found |= {fact.attrs["serial"] for fact in reading.facts if "serial" in fact.attrs}
        if reading.captures or reading.format == _OF_ONE_DEVICE:
            found |= {host for fact in reading.facts if looks_like_serial(host := fact.attrs.get("host", ""))}
            if word := _named_after(reading):
                found.add(word)
    return found


def _named_after(reading: Reading) -> str | None:
    """What its file is named after, and looks like a serial: a capture that says nothing may be of any machine.

    Of a part of the name, or a folder, more is asked: there dates and models stand as well.
    """
    stem = reading.path.rpartition("/")[2].partition(".")[0]
    if looks_like_serial(stem) and (reading.facts or not is_numbered_word(stem)):
        return stem
    words = (word for part in reversed(reading.path.split("/")) for word in WORDS.split(part)) if reading.facts else ()
    return next((word for word in words if _is_printed(word)), None)


def _is_printed(word: str) -> bool:
    """Whether a word looks as a serial is printed on its device."""
    letters = sum(map(str.isalpha, word))
    return looks_like_serial(word) and word.isupper() and letters >= _LETTERS_MIN and not is_numbered_word(word)


_LETTERS_MIN: Final = 3
"""Origin: ours; `20260517T0847` has one."""
