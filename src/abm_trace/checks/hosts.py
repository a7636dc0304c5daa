"""The hosts that staging needs, as data (hosts.toml): Apple's published list, and what else a site adds to it."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

from abm_trace.core.errors import UsageError

_NEEDS: Final = ("must", "should")
_HINT: Final = "The file that ships shows the form: docs/checks.md#hosts"


@dataclass(frozen=True, slots=True)
class Port:
    """A port, over TCP or UDP."""

    number: int
    udp: bool = False

    def __str__(self) -> str:
        return f"{self.number}/udp" if self.udp else str(self.number)


@dataclass(frozen=True, slots=True)
class Host:
    """A host that staging needs: its ports, whether an enrolment stops without it, who asks it, and what for.

    `tls` says that a handshake on 443 shows what it is; `origin` whether host and ports are the vendor's word; `any`
    that one of the ports is enough; `at` another place that answers for it, "" for itself.
    """

    host: str
    ports: tuple[Port, ...]
    need: str
    who: str
    why: str
    origin: str
    group: str
    tls: bool = True
    any: bool = False
    at: str = ""


@dataclass(frozen=True, slots=True)
class Hosts:
    """The list, who issues the certificates of its domains, and the page that shows captive portals."""

    hosts: tuple[Host, ...]
    issued: tuple[tuple[str, tuple[str, ...]], ...]
    captive_url: str = ""
    captive_says: str = ""
    captive_at: str = ""

    def expected(self, host: str) -> tuple[str, ...]:
        """Words of which the issuer of this host holds one, none where nobody says.

        The guide's ABM endpoints are none of Apple's own hosts, and nothing says who issues for them.
        """
        if host.endswith(".abm.apple.com"):
            return ()
        return next((words for domain, words in self.issued if host == domain or host.endswith(f".{domain}")), ())


@cache
def apples() -> Hosts:
    """The list as it ships."""
    return read((files("abm_trace.checks") / "hosts.toml").read_bytes(), "hosts.toml")


def read(data: bytes, name: str) -> Hosts:
    """The list of a file. Raises UsageError with the name and what is wrong."""
    try:
        document = tomllib.loads(data.decode())
        found = tuple(
            Host(
                each["host"].lower(),
                tuple(_port(port) for port in each["ports"]),
                _one_of(each.get("need", "should")),
                str(each.get("who", "device")),
                str(each.get("why", "")),
                str(each.get("origin", "site")),
                str(group.get("name", "")),
                bool(each.get("tls", True)) and "443" in each["ports"],
                bool(each.get("any", False)),
                str(each.get("at", "")),
            )
            for group in document.get("group", [])
            for each in group["hosts"]
        )
        issuers: dict[str, Any] = document.get("issuers", {})
        words = tuple(str(each) for each in issuers.get("expected", ()))
        issued = tuple((str(domain), words) for domain in issuers.get("domains", ()))
        captive: dict[str, Any] = document.get("captive", {})
        return Hosts(
            found, issued, str(captive.get("url", "")), str(captive.get("says", "")), str(captive.get("at", ""))
        )
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{name}: is no TOML: {error}", hint=_HINT) from error
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise UsageError(f"{name}: a host of it is not as it must be: {error}", hint=_HINT) from error


def _port(text: str) -> Port:
    number, _, kind = text.partition("/")
    if kind not in {"", "udp", "tcp"} or not number.isdecimal() or not 0 < int(number) < 2**16:
        raise ValueError(f"{text!r} is no port; write 443 or 123/udp")
    return Port(int(number), kind == "udp")


def _one_of(need: str) -> str:
    if need not in _NEEDS:
        raise ValueError(f"need = {need!r} is neither of {', '.join(_NEEDS)}")
    return need
