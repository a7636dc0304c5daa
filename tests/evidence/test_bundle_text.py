"""What a bundle says to people."""

from abm_trace.evidence.blobs import Binding, Ids
from abm_trace.evidence.bundle_text import readme, records, report, verdict_of
from abm_trace.evidence.redaction import Mask

VERDICT = b'{"schema":"abm-trace/verdict/1","serial":"F9FXQ1ABCD\\u001b[2J","verdict":"unknown","more":1}\n'
SKIPPED = b'{"schema":"abm-trace/skipped/1","path":"x","line":null,"offset":null,"reason":"r"}\n'


def test_notes_name_the_log_and_its_keys() -> None:
    """If this failed, the verifier would not know what to hold the bundle against."""
    text = readme("acme/ev", ["acme/ev+00+AA"], redacted=False)
    assert "log acme/ev\n=" in text
    assert "    acme/ev+00+AA\n" in text
    assert "What is in it, and what was withheld" not in text
    assert "What is in it, and what was withheld" in readme("acme/ev", [], redacted=True)


def test_report() -> None:
    """If this failed, the report would leave devices out, obey a hostile name, or show a name that is hidden."""
    lines = [(7, VERDICT), (7, SKIPPED), (7, b"no json\n")]
    text = "".join(report(lines, None, ()))
    assert text.startswith("The verdicts of record 7: 1 devices\n        1  unknown\n")
    assert "F9FXQ1ABCD\\x1b[2J, -, unknown, -, -, -, -: -\n" in text
    assert "F9FXQ1ABCD" not in "".join(report(lines, Mask(bytes(32)), ()))
    assert "0 devices" in "".join(report(lines, None, {"F9FOTHER01"}))
    assert "".join(report([], None, ())).startswith("No verdicts")


def test_records() -> None:
    """If this failed, nobody could tell which record was which file, or a path would name a device that is hidden."""
    binding = Binding("logs/F9FXQ1ABCD\n.log", (Ids("F9FXQ1ABCD"), Ids("F9FXQ2ABCD")), more=3)
    text = "".join(records([(4, "raw", True, binding)], None, ()))
    assert text.splitlines()[1] == "4, raw, by line, logs/F9FXQ1ABCD\\n.log, F9FXQ1ABCD F9FXQ2ABCD and 3 more"
    assert "F9FXQ2ABCD" not in "".join(records([(4, "raw", False, binding)], None, {"F9FXQ1ABCD"}))
    hidden = "".join(records([(4, "raw", True, binding)], Mask(bytes(32)), ()))
    assert "F9F" not in hidden
    assert hidden.count("[device ") == 2


def test_what_is_no_verdict() -> None:
    """If this failed, a line that names what was not used would stop the bundle."""
    assert [verdict_of(line) for line in (SKIPPED, b"no json\n", b"\xff")] == [None, None, None]
    assert verdict_of(VERDICT.replace(b'"more":1', b'"confidence":353918105123453')) is None, (
        "no number that is an IMEI"
    )
    assert verdict_of(VERDICT) is not None
