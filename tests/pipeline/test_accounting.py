"""What was not used is named, in bounds."""

import pytest

from abm_trace.core.nouns import Blob, Reading, Skipped
from abm_trace.pipeline import accounting
from abm_trace.pipeline.accounting import Named, bounded, damage, unread
from abm_trace.sources.stream import Stream, StreamError


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """At most three things are named one by one."""
    monkeypatch.setattr(accounting, "SKIPPED_MAX", 3)


def skipped(path: str, count: int, reason: str = "damaged") -> tuple[Skipped, ...]:
    """As many things of one reason."""
    return tuple(Skipped(path, reason, line=n) for n in range(1, count + 1))


def test_of_many_things_the_first_are_named_and_the_rest_counted() -> None:
    """A hostile file would fill the memory and the screen, or be dropped in silence."""
    few_, many = Reading("a", "x", "", skipped=skipped("a", 3)), Reading("a", "x", "", skipped=skipped("a", 9))
    assert bounded(few_) is few_
    assert [each.reason for each in bounded(many).skipped] == ["damaged"] * 3 + ["damaged (6 more like this)"]


def test_the_members_of_an_archive_share_one_bound() -> None:
    """An archive of a thousand damaged members would name a million things."""
    named = Named()
    first = named.bound(Reading("a!1", "x", "", skipped=skipped("a!1", 2)))
    second = named.bound(Reading("a!2", "", "", skipped=skipped("a!2", 4)))
    named.add(Skipped("a", "a member's name is no text"))
    assert (len(first.skipped), len(second.skipped)) == (2, 1)
    assert second.why == "damaged"
    assert {each.reason for each in named.all("a")} == {
        "damaged (3 more like this)", "a member's name is no text (1 more like this)",
    }  # fmt: skip


def test_a_blob_that_gave_nothing_says_why() -> None:
    """It would look like one that was read."""
    reading = unread(Blob("a", "/a", 7), *skipped("a", 1))
    assert (reading.format, reading.size_bytes, len(reading.skipped)) == ("", 7, 1)


@pytest.mark.parametrize("read", [True, False])
def test_damage_says_that_what_stands_before_it_was_read_where_it_was(read: bool) -> None:
    """Whoever fetches the file again would be told that something was used of it where nothing was."""

    class Broken:
        def readinto(self, buffer: memoryview) -> int:
            raise StreamError("it is cut", hint="Fetch it again.")

    stream = Stream(Broken())
    assert damage(Blob("a", "/a", 7), stream, read=read) == []
    stream.readinto(memoryview(bytearray(9)))
    (named,) = damage(Blob("a", "/a", 7), stream, read=read)
    assert (named.path, named.offset) == ("a", 0)
    assert named.reason == "it is cut. Fetch it again." + " What stands before it was read." * read
