"""Who may be connected to: hosts that were named beforehand, at addresses that do not lead inward (PROMISES R24)."""

import ipaddress
from collections.abc import Iterable
from typing import Final

from abm_trace.net.reach import ReachError

_METADATA: Final = frozenset({"100.100.100.200", "fd00:ec2::254", "168.63.129.16", "192.0.0.192"})
"""Where clouds tell a machine its secrets, beside the link-local 169.254.169.254. From: the manuals of Alibaba Cloud,
AWS, Azure and Oracle Cloud."""

_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")


class Allow:
    """An allow-list: exact names and `*.domain`. With `loopback` this very computer may be connected to, too."""

    def __init__(self, names: Iterable[str], *, loopback: bool = False) -> None:
        self._names = frozenset(name.lower().rstrip(".") for name in names)
        self.loopback = loopback

    def host(self, host: str) -> None:
        """Raises ReachError for a host that the list does not name."""
        host = host.lower().rstrip(".")
        wild = ("*." + host.split(".", number)[-1] for number in range(1, host.count(".") + 1))
        if host not in self._names and self._names.isdisjoint(wild):
            raise ReachError(f"{host}: is not on the list of hosts that may be connected to", "not_allowed")

    def address(self, host: str, address: str) -> None:
        """Raises ReachError for an address that leads inward: loopback, link-local, multicast, a cloud's metadata."""
        if what := inward(address, loopback=self.loopback):
            raise ReachError(
                f"{host}: leads to {address}, which is {what}: not connected to",
                "not_allowed",
                hint="A name that leads inward is a wrong or hostile DNS answer."
                + (" For a lab on this computer: --allow-loopback" if what == "this very computer" else ""),
            )


def inward(address: str, *, loopback: bool = False) -> str:
    """What makes an address one that nobody else is at, "" for any other. Names in it count as inward."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return "no address"
    found = _inner(found)
    if str(found) in _METADATA:
        return "a cloud's metadata service"
    if found.is_loopback:
        return "" if loopback else "this very computer"
    kinds = (
        (found.is_unspecified, "no address"),
        (found.is_link_local, "link-local"),
        (found.is_multicast, "multicast"),
        (found.is_reserved and not isinstance(found, ipaddress.IPv6Address), "reserved"),
        (found == ipaddress.IPv4Address("255.255.255.255"), "broadcast"),
        (isinstance(found, ipaddress.IPv4Address) and int(found) >> 24 == 0, "no address"),
    )
    return next((what for holds, what in kinds if holds), "")


def _inner(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """The IPv4 address inside of an IPv6 one that carries one (mapped, 6to4, NAT64, compatible), else itself."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if inner := address.ipv4_mapped or address.sixtofour:
        return inner
    if address in _NAT64 or (int(address) >> 32 == 0 and int(address) > 0xFFFF):
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address
