"""What the served MDM products share: a product is a table of listings, documents and ways to sign in."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from abm_lab.apple.server import Server
from abm_lab.serve.answers import Page, Refusal
from abm_lab.serve.world import World


@dataclass(frozen=True, slots=True)
class Login:
    """One way to get a token: `basic`, `client_credentials` or `password`, and the answer that holds the token."""

    path: str
    kind: str
    answer: Callable[[str], Mapping[str, object]]


@dataclass(frozen=True, slots=True)
class Paging:
    """How a product counts its pages: by number from `first` on, by an opaque `cursor`, or after the record `after`."""

    page: str = ""
    first: int = 0
    cursor: str = ""
    after: str = ""
    size: str = "limit"
    default: int = 100
    most: int = 1000


@dataclass(frozen=True, slots=True)
class Listing:
    """A listing of the product: where it is asked for, and what stands round its records."""

    paths: tuple[str, ...]
    name: str
    """Its name in the world, as the case's files have it."""
    key: str
    head: Callable[[Page, str | None], Mapping[str, object]] = lambda page, following: {}
    """What else the answer holds, given the address of the next page."""
    serial: str = ""
    """How a client asks for one serial: `PARAMETER` or `PARAMETER=TEXT{}TEXT`."""
    only: Mapping[str, Callable[[bytes, str], bool]] = field(default_factory=dict)
    """Further filters by parameter: whether a record fits a value."""


@dataclass(frozen=True, slots=True)
class Product:
    """A product as a table."""

    paging: Paging
    listings: tuple[Listing, ...]
    refuse: Callable[[Refusal], object]
    logins: tuple[Login, ...] = ()
    basic_key: bool = False
    """The client sends its key as the user name of basic authentication."""
    posted: "Posted | None" = None
    """Its lists are asked for with a JSON body, all at one address."""
    documents: Mapping[str, Callable[[World, Server], object]] = field(default_factory=dict)
    """Single documents by their path."""


@dataclass(frozen=True, slots=True)
class Posted:
    """Lists that are asked for with a JSON body: the client's key, which list, which page."""

    paths: tuple[str, ...]
    login: str
    """Where the client signs in; the token comes back in a header."""
    names: Mapping[str, str]
    """The world's listing by the value of `options.os`."""
    size: int
    wrap: Callable[[Page], Mapping[str, object]]
    """What the answer holds beside the records, given the page; they stand in `response[0].devices`."""
