"""MDM servers by their names: one server has a name, an id in ABM, and files that are named after it."""

import re
from collections.abc import Iterable
from typing import Final

import msgspec

from abm_trace.core.beginnings import Beginning
from abm_trace.core.nouns import Fact
from abm_trace.core.products import named

_PARTS: Final = re.compile(r"[\W_]+")


class Servers(msgspec.Struct):
    """The MDM servers of a case. `names` maps folded names to the spelling that is shown, `ids` ABM's ids to names."""

    names: dict[str, str] = msgspec.field(default_factory=dict)
    ids: dict[str, str] = msgspec.field(default_factory=dict)
    _paths: dict[tuple[str, str], str] = msgspec.field(default_factory=dict)

    @classmethod
    def named(cls, facts: Iterable[Fact | Beginning]) -> "Servers":
        """The servers that these facts name."""
        names: set[str] = set()
        ids: dict[str, set[str]] = {}
        for fact in facts:
            name = fact.attrs.get("server")
            if name:
                names.add(name)
                if server_id := fact.attrs.get("server_id"):
                    ids.setdefault(server_id.casefold(), set()).add(name)
        known = {key: min(each) for key, each in ids.items() if len({_folded(name) for name in each}) == 1}
        return cls({_folded(name): name for name in sorted(names, reverse=True)}, known)

    def __bool__(self) -> bool:
        return bool(self.names)

    def of(self, fact: Fact) -> str:
        """The server of a fact: the one it names, else the one whose id it has, else the one its file is named after.

        "" for none, or one that is not known.
        """
        attrs = fact.attrs
        if name := attrs.get("server"):
            return self.names.get(_folded(name), name)
        if name := self.ids.get(attrs.get("server_id", "").casefold()):
            return name
        return self.of_path(fact.origin.path, attrs.get("mdm") or fact.origin.by)

    def of_path(self, path: str, product: str = "") -> str:
        """The server that a file or a folder is named after; else the only one that is named after the product."""
        key = (path, product)
        if key not in self._paths:
            self._paths[key] = self._of_path(path) or self._of_product(product)
        return self._paths[key]

    def naming(self, fact: Fact) -> Fact:
        """The fact with its server's name among its attributes, where that is known."""
        name = self.of(fact)
        if not name or fact.attrs.get("server") == name:
            return fact
        return msgspec.structs.replace(fact, attrs={**fact.attrs, "server": name})

    def _of_path(self, path: str) -> str:
        for part in reversed(path.split("/")):
            words = f" {_folded(part)} "
            found = [name for name in self.names if name and f" {name} " in words]
            if found:
                return self.names[max(found, key=lambda name: (len(name), name))]
        return ""

    def _of_product(self, product: str) -> str:
        own = named(product)
        found = [name for name in self.names if not set(own).isdisjoint(name.split(" "))]
        return self.names[found[0]] if len(found) == 1 else ""


def _folded(name: str) -> str:
    return _PARTS.sub(" ", name).strip().casefold()
