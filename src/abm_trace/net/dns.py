"""Where a host is: its name is looked up once, and what comes back is what is connected to."""

import contextlib
import socket
import threading
from typing import Final, NamedTuple

from abm_trace.net.allow import Allow
from abm_trace.net.reach import Deadline, Place, ReachError

FAMILIES: Final = {"": socket.AF_UNSPEC, "4": socket.AF_INET, "6": socket.AF_INET6}
"""Both kinds of addresses, IPv4 alone, IPv6 alone."""


class Address(NamedTuple):
    """Where a host is: the family of its address, and what a socket connects to."""

    family: socket.AddressFamily
    to: tuple[str, int] | tuple[str, int, int, int]

    def __str__(self) -> str:
        return self.to[0]


def lookup(
    place: Place, allow: Allow, deadline: Deadline, *, family: str = "", datagram: bool = False
) -> list[Address]:
    """The addresses of a place, in the system's order, those that lead inward left out. Raises ReachError.

    The system's resolver knows no time limit, so it is asked in a thread that nobody waits for any longer.
    """
    allow.host(place.host)
    found: list[Address] = []
    failed: list[str] = []

    def ask() -> None:
        kind = socket.SOCK_DGRAM if datagram else socket.SOCK_STREAM
        try:
            answers = socket.getaddrinfo(place.host, place.port, FAMILIES[family], kind)
        except socket.gaierror as error:
            failed.append(str(error.strerror))
        except (OSError, UnicodeError) as error:
            failed.append(str(error))
        else:
            found.extend(Address(answer[0], answer[4]) for answer in answers)  # type: ignore[arg-type]  # As asked.

    thread = threading.Thread(target=ask, daemon=True, name=f"lookup of {place.host}")
    thread.start()
    thread.join(deadline.left_s(f"{place.host}: its name was not resolved"))
    if thread.is_alive():
        raise deadline.over(f"{place.host}: its name was not resolved")
    if failed:
        raise ReachError(f"{place.host}: its name cannot be resolved: {failed[0]}", "no_name")
    addresses = []
    for each in dict.fromkeys(found):
        with contextlib.suppress(ReachError):
            allow.address(place.host, str(each))
            addresses.append(each)
    if not addresses and found:
        allow.address(place.host, str(found[0]))
    if not addresses:
        raise ReachError(f"{place.host}: has no address", "no_name")
    return addresses
