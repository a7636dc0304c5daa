"""Whose a fact is: a device's, a site's, a staging host's, or the case's (CASE.md, "Whose line is it")."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple

import msgspec

from abm_trace.core.beginnings import Beginning
from abm_trace.core.macs import is_private, normal
from abm_trace.core.nouns import Fact
from abm_trace.core.placeholders import is_placeholder
from abm_trace.identity.serials import Serials, canonical
from abm_trace.identity.servers import Servers

UNIQUE_KEYS: Final = (
    "udid",
    "io_platform_uuid",
    "secure_rom_uuid",
    "device_id",
    "mdm_id",
    "ecid",
    "imei",
    "meid",
    "eid",
)
"""Keys that one unit has alone, surest first."""

SHARED_KEYS: Final = ("request_id", "device_identifier")
"""Keys of one enrolment attempt; a fault can give two devices the same."""

MAC_KEYS: Final = ("wifi_mac", "ethernet_mac", "mac", "mac_address", "wifi_mac_address")
"""What holds the address that a network sees a device under; Bluetooth's is none. An adapter may serve many devices."""

NAMED_BY_PATH: Final = "capture-har"
"""The export that is of the device after which its file is named, whatever it says."""

_LEADING: Final = frozenset({*UNIQUE_KEYS, *SHARED_KEYS, *MAC_KEYS})

_EXTENSIONS = re.compile(
    r"(\.(log|txt|gz|bz2|xz|zst|json|jsonl|ndjson|har|csv|plist|mobileconfig|pem|out|\d{1,3}))+$", re.IGNORECASE
)
WORDS: Final = re.compile(r"[\s_.,+@()\[\]{}-]+")
_UDIDS = re.compile(
    r"(?<![0-9A-Fa-f])(?:[0-9A-Fa-f]{8}-?[0-9A-Fa-f]{16}|[0-9A-Fa-f]{40}|"
    r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}|[0-9A-Fa-f]{32})(?![0-9A-Fa-f])"
)
"""A UDID inside a longer name: 8-16 with or without its hyphen, the older 40 digits, or a Mac's UUID."""

UDID_LENGTH_MIN: Final = 24
"""A shorter text is no UDID, whatever column it stands in: it names no file and no host."""


class Scope(NamedTuple):
    """`kind` is `device`, `site`, `host`, `server` or `case`; `name` is the device's key, the site, host or server."""

    kind: str
    name: str


CASE: Final = Scope("case", "")
_NO_LINKS: Final[dict[str, str]] = {}


class Owners(msgspec.Struct):
    """The names of a case: serials, the other keys that lead to them (by kind and value), sites and staging hosts."""

    serials: Serials
    links: dict[str, dict[str, str]] = msgspec.field(default_factory=dict)
    conflicts: dict[tuple[str, str], set[str]] = msgspec.field(default_factory=dict)
    sites: dict[str, str] = msgspec.field(default_factory=dict)
    hosts: dict[str, str] = msgspec.field(default_factory=dict)
    servers: Servers = msgspec.field(default_factory=Servers)
    _paths: dict[str, Scope] = msgspec.field(default_factory=dict)
    _names: dict[str, str | None] = msgspec.field(default_factory=dict)

    def learn(self, facts: Iterable[Fact | Beginning]) -> None:
        """Learn which other keys lead to a serial. A key that leads to two is a conflict and leads nowhere.

        What stands for a key that is left out is none: half a fleet may have it.
        """
        for fact in facts:
            serial = fact.attrs.get("serial")
            key = self.serials.key(serial) if serial else None
            if key is None:
                continue
            for kind, name in names_of(fact.attrs):
                self._link(kind, name, key)

    def link(self, attrs: Mapping[str, str], key: str) -> None:
        """Learn the ids of a device's request: a row without a serial may share one, or another device's log."""
        for kind in SHARED_KEYS if attrs else ():
            if value := attrs.get(kind):
                self._link(kind, _folded(kind, value), key)

    def _link(self, kind: str, name: str, key: str) -> None:
        names = self.links.setdefault(kind, {})
        known = names.get(name)
        if known is None:
            if not is_placeholder(name):
                names[name] = key
        elif known != key:
            self.conflicts.setdefault((kind, name), {known}).add(key)

    def by_key(self, attrs: Mapping[str, str]) -> str | None:
        """The device that the surest identifier among the attributes leads to."""
        serial = attrs.get("serial")
        if serial and (key := self.serials.key(serial)):
            return key
        for kind in (*UNIQUE_KEYS, *SHARED_KEYS):
            value = attrs.get(kind)
            if value and (key := self._linked(kind, value)):
                return key
        return None

    def sighted(self, fact: Fact) -> str | None:
        """The device that was seen, by its serial number or the MAC address that ABM, the MDM or the manifest names."""
        return self.serials.key(fact.attrs.get("serial", "")) or self._linked("mac", fact.attrs.get("mac", ""))

    def by_name(self, name: str) -> str | None:
        """The device that a bare name (a host, a file, `serial=` or `udid=`) names: its serial or its UDID."""
        if name not in self._names:
            long_enough = len(name) >= UDID_LENGTH_MIN
            self._names[name] = self.serials.key(name) or (self._linked("udid", name) if long_enough else None)
        return self._names[name]

    def _linked(self, kind: str, value: str) -> str | None:
        name = _folded(kind, value)
        key = self.links.get(kind, _NO_LINKS).get(name)
        return None if key is None or (kind, name) in self.conflicts else key

    def by_path(self, path: str) -> Scope:
        """What a file or its folders are named after: a device, else a host, else a site; the innermost counts."""
        if path not in self._paths:
            self._paths[path] = self._path(path)
        return self._paths[path]

    def _path(self, path: str) -> Scope:
        parts = [_EXTENSIONS.sub("", part) for part in path.split("/")]
        for part in reversed(parts):
            for word in (part, *_UDIDS.findall(part), *WORDS.split(part)):
                if word and (key := self.by_name(word)):
                    return Scope("device", key)
        for part in reversed(parts):
            for names, kind in ((self.hosts, "host"), (self.sites, "site")):
                if name := _named(part.casefold(), names):
                    return Scope(kind, names[name])
        return CASE

    def of_line(self, fact: Fact, sole: str | None = None) -> Scope:
        """Whose a log line is: its host's if that is a device, else the file's, its own name's, the sole one's."""
        host = fact.attrs.get("host", "")
        if host and (key := self.by_name(host)):
            return Scope("device", key)
        named = self.by_path(fact.origin.path)
        if named.kind == "device":
            return named
        for kind in ("serial", "udid"):
            if name := fact.attrs.get(kind):
                key = self.by_name(name)
                return Scope("device", key) if key else Scope("stranger", canonical(name))
        if sole:
            return Scope("device", sole)
        if host.casefold() in self.hosts:
            return Scope("host", self.hosts[host.casefold()])
        return named

    def of_export(self, fact: Fact) -> Scope:
        """Whose a row, a probe or a payload is."""
        attrs = fact.attrs
        if fact.source == "capture" and fact.origin.by == NAMED_BY_PATH:
            named = self.by_path(fact.origin.path)
            if named.kind == "device":
                return named
        if key := self.by_key(attrs):
            return Scope("device", key)
        if attrs.get("serial"):
            return Scope("stranger", canonical(attrs["serial"]))
        if segment := attrs.get("segment") or attrs.get("staging_host"):
            folded = segment.casefold()
            if folded in self.hosts:
                return Scope("host", self.hosts[folded])
            return Scope("site", self.sites.get(folded, segment))
        return self.by_path(fact.origin.path)


def names_of(attrs: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The identifiers that lead to a device, as they are compared: kind and value."""
    for kind in _LEADING.intersection(attrs):
        value = attrs[kind]
        if not value:
            continue
        if kind not in MAC_KEYS:
            yield kind, _folded(kind, value)
        elif (mac := normal(value)) and not is_private(mac):
            yield "mac", _folded("mac", mac)


def _named(part: str, names: Mapping[str, str]) -> str | None:
    """The longest of the names that stands in a part of a path as a word of its own."""
    if part in names:
        return part
    found = [name for name in names if name in part and re.search(rf"(?<![a-z0-9]){re.escape(name)}(?![a-z0-9])", part)]
    return max(found, key=lambda name: (len(name), name), default=None)


def _folded(kind: str, value: str) -> str:
    """An identifier as it is compared: without case; a UDID without its hyphen, for not every tool writes it."""
    return value.upper().replace("-", "") if kind == "udid" else value.upper()
