"""Files of a run."""

from pathlib import Path

from abm_lab.serve.files import write_private


def test_a_file_is_whole_and_its_owners_alone(tmp_path: Path) -> None:
    """A key of the run could be read by everybody on the machine, or half a file by a client that waits for it."""
    path = tmp_path / "deep" / "key.pem"
    for content in (b"first", b"second"):
        write_private(path, content)
        assert path.read_bytes() == content
    assert path.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in path.parent.iterdir()] == ["key.pem"]
