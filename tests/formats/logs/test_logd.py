"""Tests of abm_trace.formats.logs.logd."""

from tests.formats.logs.lines import SAMPLES, at, read

from abm_trace.core.nouns import Record
from abm_trace.formats.logs import log_syslog, logd


def test_real_lines_have_a_process_and_no_host() -> None:
    """The process would be taken for a host, and the message's first word for the process."""
    line, other = SAMPLES["logd"]
    assert read(logd, line) == Record(
        at("2021-08-11T12:50:23Z"), 'Migrating: "/private/var/db/diagnostics/timesync"', "logd_helper"
    )
    assert read(logd, other) == Record(at("2021-08-11T12:50:23Z"), "libtrace_kic=1", "logd")
    assert read(log_syslog, line) is None


def test_other_lines_are_none() -> None:
    """A line without a zone is the wall time of nobody knows where."""
    assert read(logd, "2021-08-11 05:50:23 logd[29]: x") is None
    assert read(logd, "2021-08-11 05:50:23-0700 localhost logd[29]: x") is None
