"""Pieces of evidence on their way to a file: records of a page, or lines of a file that all devices share."""

from collections.abc import Callable
from dataclasses import dataclass

import msgspec


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a listing: its number from 0 on, whether it is the last, and how many records it holds."""

    number: int
    is_last: bool
    count: int


Wrap = Callable[[Page], tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Piece:
    """A record for the pages of `path` (without number and suffix), or, without `wrap`, lines to append to `path`."""

    path: str
    content: bytes
    wrap: Wrap | None = None


def record(path: str, value: object, wrap: Wrap) -> Piece:
    """A JSON record of a paged listing."""
    return Piece(path, msgspec.json.encode(value), wrap)


def line(path: str, value: object) -> Piece:
    """A JSON line of a shared file."""
    return Piece(path, msgspec.json.encode(value) + b"\n")


def following(page: Page, url: str) -> str:
    """JSON of the link to the next page, `null` on the last."""
    return "null" if page.is_last else f'"{url}&cursor={page.number + 1}"'
