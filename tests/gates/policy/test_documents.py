"""Documents and settings: what they may hold, and what a person is told who writes them wrongly."""

from collections.abc import Callable
from pathlib import Path

import jsonschema
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm_trace.core.errors import UsageError
from abm_trace.gates.policy.documents import PolicyDocument, Settings, checked, read, settings


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        (
            '{"device": {"clock_offset_s": "9.2"}}',
            "device.clock_offset_s: must be a number, is a text",
            '"clock_offset_s": 0.5',
        ),
        (
            '{"device": {"quarantined": 1}}',
            "device.quarantined: must be true or false, is a number",
            '"quarantined": true',
        ),
        ('{"device": []}', "device: must be an object, is a list", '"device": {}'),
        ('{"device": {"serial": 5}}', "device.serial: must be a text, is a number", '"serial": "F9FXQ1ABCD"'),
        ('{"device": {"os_verison": "18"}}', "device.os_verison: there is no such key", "Did you mean os_version?"),
        ('{"devise": {}}', "devise: there is no such key", "Did you mean device?"),
        ('{"token": {"zzzzz": 1}}', "token.zzzzz: there is no such key", "what is your own goes below extra"),
        ('{"token": {"createdAt": "yesterday"}}', "token.createdAt: no RFC 3339 time", "2026-05-17T08:47:12Z"),
        ('{"as_of": "0000-01-01T00:00:00Z"}', "as_of: impossible time", "2026-05-17T08:47:12Z"),
        ('{"site": {}, "site": {}}', "the key 'site' stands there twice", "looks so"),
        ('{"device": {"clock_offset_s": NaN}}', "NaN is no number of JSON", "looks so"),
        ('{"device": {"clock_offset_s": 1e999}}', "1e999 is no number of JSON", "looks so"),
        ("[]", "holds 0 documents", "Give 1 to"),
        ("", "is no document of JSON", "looks so"),
        ('{"site": {}}\n\n{bad}\n{}', "d.json:3: is no document of JSON: Expecting property name", "looks so"),
        ('{"site": {}}\n{"as_of": NaN}', "d.json:2: is no document of JSON: NaN", "looks so"),
        ('{\n "site": {},\n bad\n}', "d.json: is no document of JSON: Expecting property name", "looks so"),
        ("5", "must be an object, is a number", "A document looks so"),
        ("[" * 100_000, "is no document of JSON", "looks so"),
    ],
)
def test_what_is_wrong_is_told_with_its_key(text: str, message: str, hint: str, tmp_path: Path) -> None:
    """If this failed, somebody would look for the mistake in a file of 12,400 devices."""
    path = tmp_path / "d.json"
    path.write_text(text)
    with pytest.raises(UsageError) as caught:
        read(path)
    assert message in str(caught.value)
    assert str(path) in str(caught.value)
    assert hint in caught.value.hint


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ('token_age_days_max = "30"', "token_age_days_max: must be a number, is a text", "token_age_days_max = 30"),
        ('regions = "us-east"', "regions: must be a list, is a text", '["us-east"]'),
        ("quarantine = [5]", "quarantine[0]: must be a text, is a number", 'quarantine = ["F9FXQ1ABCD"]'),
        ("abm_from_version = 18.4", "abm_from_version: must be a text", 'abm_from_version = "18.4"'),
        ('abm_from_version = "latest"', "must be a version, is 'latest'", 'abm_from_version = "18.4"'),
        ("token_age_day_max = 3", "there is no such key", "Did you mean token_age_days_max?"),
        ("token_age_days_max = inf", "must be a number from 0 on, is inf", "token_age_days_max = 30"),
        ("clock_offset_s_max = nan", "must be a number from 0 on, is nan", "clock_offset_s_max"),
        ("token_age_days_max = -5", "must be a number from 0 on, is -5", "token_age_days_max = 30"),
        ("token_age_days_max = ", "is no TOML", "token_age_days_max = 30"),
    ],
)
def test_a_wrong_setting_is_told_with_its_key(text: str, message: str, hint: str, tmp_path: Path) -> None:
    """If this failed, a limit would silently be the default."""
    path = tmp_path / "policy.toml"
    path.write_text(text)
    with pytest.raises(UsageError) as caught:
        settings(path)
    assert message in str(caught.value)
    assert hint in caught.value.hint


def test_one_many_or_a_line_each(tmp_path: Path) -> None:
    """If this failed, only one way of writing documents would be read."""
    one, many, lines = tmp_path / "1.json", tmp_path / "2.json", tmp_path / "3.ndjson"
    one.write_text('{"device": {"serial": "F9"}}')
    many.write_text('[{"device": {"serial": "F9"}}, {}]')
    lines.write_text('{"device": {"serial": "F9"}}\n\n{}\n')
    assert [name for name, _ in read(one)] == [f"{one} F9"]
    assert [name for name, _ in read(many)] == [f"{many}#1 F9", f"{many}#2"]
    assert [document for _, document in read(lines)] == [document for _, document in read(many)]


def test_a_line_ends_where_a_line_of_json_does(tmp_path: Path) -> None:
    """If this failed, a name with a line separator of Unicode in it would break its document."""
    (tmp_path / "d.json").write_text('{"site": {"name": "a\u2028b\u0085c"}}\n{"site": {}}\n')
    assert len(read(tmp_path / "d.json")) == 2


def test_settings_stand_over_the_defaults(tmp_path: Path) -> None:
    """If this failed, one setting would take all others away."""
    path = tmp_path / "policy.toml"
    path.write_text("token_age_days_max = 10\n")
    found = settings(path)
    assert (found.token_age_days_max, found.clock_offset_s_max) == (10, Settings().clock_offset_s_max)


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(),
        lambda each: st.lists(each) | st.dictionaries(st.text(), each),
    )
)
def test_anything_is_a_document_or_a_named_error(value: object) -> None:
    """If this failed, a foreign file could end the command in a traceback."""
    try:
        found = checked(value, PolicyDocument, "x")
    except UsageError as error:
        told = error.hint
    else:
        told = "document"
        assert msgspec.convert(msgspec.to_builtins(found), PolicyDocument) == found
    assert told


SCHEMA = Path(__file__).parents[3] / "docs/policy-document.json"


def test_the_schema_is_that_of_the_documents(golden: Callable[[Path, bytes], None]) -> None:
    """If this failed, whoever makes documents by the schema would make others than are read: read the diff."""
    found = msgspec.json.schema(PolicyDocument)
    dialect = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "abm-trace/policy-document/1"}
    golden(SCHEMA, msgspec.json.format(msgspec.json.encode({**dialect, **found}), indent=2) + b"\n")


@pytest.mark.parametrize(
    ("document", "holds"),
    [
        ({"device": {"serial": "F9"}, "token": None}, True),
        ({"device": {"os_verison": "1"}}, False),
        ({"as_of": 5}, False),
    ],
)
def test_the_schema_says_what_the_reader_says(document: object, holds: bool) -> None:
    """If this failed, a document could pass the schema and be refused."""
    schema = msgspec.json.decode(SCHEMA.read_bytes())
    assert jsonschema.Draft202012Validator(schema).is_valid(document) is holds
    if holds:
        checked(document, PolicyDocument, "x")
    else:
        with pytest.raises(UsageError):
            checked(document, PolicyDocument, "x")
