"""Which MDM servers a fate needs, so that its truth does not hang on what the server's sources happen to tell."""

from collections.abc import Callable

from abm_lab.apple.server import Server
from abm_lab.fates._interface import well


def tells_push(server: Server) -> bool:
    """Some source shows whether the profile was fetched."""
    return well(server) and server.tells_push


def dated(server: Server) -> bool:
    """It also says when; Kandji's list and its records have no times."""
    return tells_push(server) and server.product != "kandji"


def tells_changes(server: Server) -> bool:
    """Each change of a record is told, not only the last state."""
    return well(server) and server.dep in {"sync", "both", "webhooks"}


def is_product(*products: str) -> Callable[[Server], bool]:
    """A well server of one of these products, whose pushes are told."""
    return lambda server: dated(server) and server.product in products


def ails(trouble: str) -> Callable[[Server], bool]:
    """A server with that trouble."""
    return lambda server: server.told and server.trouble == trouble


def untold(server: Server) -> bool:
    """A server of which ABM names no more than the name."""
    return not server.told
