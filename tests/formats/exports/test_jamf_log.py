"""The log of the jamf binary."""

from tests.formats.exports.reading import head, read

from abm_trace.formats import recognise
from abm_trace.formats.exports import jamf_log

LINES = (
    b"Fri May 17 08:40:15 MacBook-Lab1 jamf[1234]: Enrolling computer...\n"
    b"Fri May 17 08:40:21 Erika's MacBook jamf[1234]: Enroll return code: 0\n"
)


def test_it_is_named_and_dates_nothing() -> None:
    """If this fails, a Mac boots in a year that is made up, or its log is refused without a word of what to save."""
    for data in (LINES, LINES[60:], LINES.replace(b"\n", b"\r\n")):
        found = recognise(head(data))
        assert found is not None
        assert found.id == "jamf-log"
        facts, (note,) = read(jamf_log, data)
        assert not facts
        assert "log show" in note.reason


def test_reenroller_is_named() -> None:
    """If this fails, the log that holds the very error is refused without a word of how it could be read."""
    data = b"Fri Apr 25 09:20:00 COP-20.company.de [ReEnroller]:    command result: Error fetching (34006)\n"
    found = recognise(head(data))
    assert found is not None
    assert found.id == "jamf-log"
    facts, (note,) = read(jamf_log, data)
    assert not facts
    assert "command result" in note.reason


def test_a_miss() -> None:
    """If this fails, another log is refused as this one."""
    for data in (
        b"", LINES[:30], b"May 17 08:40:15 h jamf[1]: x\n", b"Fri May 17 08:40:15 h teslad[1]: quotes jamf[1]\n",
    ):  # fmt: skip
        assert jamf_log.score(head(data)) == 0
