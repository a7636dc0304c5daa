"""What contradicts itself about devices, to be shown and never merged: one identifier of several of them, several of
what a device has one of, several sites of one.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from abm_trace.core.nouns import Fact, Origin
from abm_trace.identity.owners import UNIQUE_KEYS, Owners, names_of
from abm_trace.identity.shelves import Shelves

ONE_OF_EACH: Final = ("udid", "io_platform_uuid", "secure_rom_uuid", "ecid")
"""What a unit has one of as long as it lives: another one is another board, another unit or a wrong list. The ids that
servers give change with each enrolment, and a telephone has two IMEIs."""

NAMED_MAX: Final = 10
"""So many devices of one identifier are named, and so many of one device: more nobody compares by eye. Origin: ours."""

_CITED_MAX: Final = 3
_SITES_MAX: Final = 1_000
"""So many lines are cited of one conflict, and so many sites of one device told apart. Origin: ours; a rollout has some
hundred sites."""

_Name = tuple[str, str]
"""Kind and value of an identifier, as it is compared."""


def of(owners: Owners, shelves: Shelves) -> Mapping[str, Sequence[Fact]]:
    """Each device's conflicts: a fact for each line that says so, its own first.

    Of each device one line is cited, of a few devices, and few are named: a faulty request, or an export that gives all
    one UDID, may make thousands of one identifier, and each of them says so.
    """
    several = _several(owners)
    if not owners.conflicts and not several:
        return {}
    lines: dict[_Name, dict[str, Origin]] = defaultdict(dict)
    # As a line has it, for whoever searches it; of several ways the first by its letters.
    written: dict[_Name, str] = {}
    suspects = {key for keys in owners.conflicts.values() for key in keys} | {key for key, *_ in several}
    told = {
        (kind, value) for (_, kind, _), (_, values) in several.items() for value in values
    } | owners.conflicts.keys()
    for key, facts in shelves.items():
        for fact in facts if key in suspects else ():
            for name in names_of(fact.attrs):
                if name in told:
                    lines[name][key] = min(lines[name].get(key, fact.origin), fact.origin, key=_place)
                    said = fact.attrs.get(name[0], "")
                    if name[1] in {said.upper(), said.upper().replace("-", "")}:  # A MAC stands under other keys, too.
                        written[name] = min(written.get(name, said), said)
    found: dict[str, list[Fact]] = defaultdict(list)
    for (kind, value), keys in sorted(owners.conflicts.items()):
        places = lines[kind, value]
        first = sorted(keys & places.keys())[:_CITED_MAX]
        strength = "conflict" if kind in UNIQUE_KEYS else "shared"
        serials = [owners.serials.spelled[key] for key in sorted(keys)]
        text = f"{kind} {written.get((kind, value), value)} is named for {_few(serials, len(serials), 'devices')}"
        facts_of = {key: _fact(text, origin, strength, {kind: value}) for key, origin in places.items()}
        for key in keys:
            found[key] += [facts_of[each] for each in dict.fromkeys((key, *first)) if each in facts_of]
    for (key, kind, _), (count, values) in sorted(several.items()):
        shown = [written.get((kind, value), value) for value in values]
        text = f"more than one {kind} is named for it: {_few(shown, count, 'values')}"
        said_at = [lines[kind, value][key] for value in values if key in lines[kind, value]]
        found[key] += [_fact(text, origin) for origin in said_at[:_CITED_MAX]]
    return found


def _several(owners: Owners) -> dict[tuple[str, str, int], tuple[int, list[str]]]:
    """Device, kind, length → how many identifiers of that kind and length, where it has more than one; the first.

    Of other lengths they are of other kinds under one name: a Mac's UDID is its UUID here, the shorter one there.
    """
    found: dict[tuple[str, str, int], tuple[int, list[str]]] = {}
    for kind in ONE_OF_EACH:
        links = owners.links.get(kind, {})
        if len(links) == len({*links.values()}):  # As almost always.
            continue
        held: dict[tuple[str, int], list[str]] = defaultdict(list)
        for value, key in links.items():
            if (kind, value) not in owners.conflicts:
                held[key, len(value)].append(value)
        for (key, length), values in held.items():
            if len(values) > 1:
                found[key, kind, length] = len(values), sorted(values)[:NAMED_MAX]
    return found


def sites(rows: Iterable[Fact]) -> tuple[Fact, ...]:
    """The conflict of a device whose rows in manifests name more than one site; of many the first are told apart."""
    found: dict[str, Fact] = {}
    for row in rows:
        site = row.attrs.get("site", "")
        folded = site.casefold()
        if site and (folded in found or len(found) < _SITES_MAX):
            found[folded] = min(found.get(folded, row), row, key=lambda each: _place(each.origin))
    if len(found) < 2:
        return ()
    named = [found[site] for site in sorted(found)]
    noun = "sites" if len(named) < _SITES_MAX else "sites or more"
    text = f"more than one site is named for it: {_few([row.attrs['site'] for row in named], len(named), noun)}"
    return tuple(_fact(text, row.origin) for row in named[:_CITED_MAX])


def _fact(text: str, origin: Origin, strength: str = "conflict", attrs: Mapping[str, str] | None = None) -> Fact:
    return Fact(strength, None, "identity", text, dict(attrs or {}), origin)


def _few(names: Sequence[str], count: int, noun: str) -> str:
    """The names; of many the first, and how many there are."""
    said = ", ".join(names[:NAMED_MAX])
    more = count - NAMED_MAX
    return said if more <= 0 else f"{count:,} {noun}: {said} and {more:,} more"


def _place(origin: Origin) -> tuple[str, int]:
    return origin.path, origin.offset or 0
