"""Lines copied out of Console."""

from tests.formats.exports.reading import head, read

from abm_trace.formats import recognise
from abm_trace.formats.exports import console_paste

LINES = (
    b"default\t08:47:12.883456-0500\tteslad\tRetrying the request\n"
    b"error\t08:47:13.100000-0500\tprofiled\tNSError:\nDesc   : x\n"
)


def test_it_is_named_with_what_to_do() -> None:
    """If this fails, what a Mac administrator sends most often is refused without a word of how to save it."""
    for data in (LINES, b"a title of a ticket\n\n" + LINES, LINES.replace(b"\n", b"\r\n")):
        found = recognise(head(data))
        assert found is not None
        assert found.id == "console-paste"
        facts, (note,) = read(console_paste, data)
        assert not facts
        assert "log show" in note.reason


def test_a_miss() -> None:
    """If this fails, a log with a date, or a table, is refused as one without."""
    for data in (
        b"", LINES[:30], b"default\t2026-05-17 08:47:12.883456-0500\tteslad\tx\n", b"time\tplace\n08:47\tx\n",
        b"2026-08-06 09:58:35.445081 -0700 teslad com.apple.CloudConfigurationDaemon Default Retrying\n",
    ):  # fmt: skip
        assert console_paste.score(head(data)) == 0
