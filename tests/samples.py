"""Real files of real systems, which stand beside the checkout and are not shipped with it."""

from pathlib import Path

import pytest

SAMPLES = Path(__file__).parents[2] / "shared" / "samples"


def sample(name: str) -> bytes:
    """The bytes of a sample, by its path in the folder.

    Skips the test where there is no such folder; where there is, a file that is missing fails it: nobody would notice a
    test that is skipped for ever.
    """
    if not SAMPLES.is_dir():
        pytest.skip("the samples are not beside this checkout")
    path = SAMPLES / name
    assert path.is_file(), f"{path} is missing"
    return path.read_bytes()


def samples(folder: str, *suffixes: str) -> list[str]:
    """The names of all samples of a folder with these endings, to make a test of each; empty where there are none."""
    found = sorted((SAMPLES / folder).glob("*")) if SAMPLES.is_dir() else []
    return [f"{folder}/{path.name}" for path in found if not suffixes or path.suffix in suffixes]
