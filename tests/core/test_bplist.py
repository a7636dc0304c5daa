"""Where a binary property list ends."""

import plistlib

from hypothesis import given
from hypothesis import strategies as st

from abm_trace.core.bplist import FOLLOWING_BYTES_MAX, end_of

VALUES = st.recursive(
    st.integers(0, 2**40) | st.text(max_size=20) | st.binary(max_size=40),
    lambda inner: st.lists(inner, max_size=9) | st.dictionaries(st.text(max_size=9), inner, max_size=9),
    max_leaves=40,
)


@given(VALUES, st.integers(0, 40) | st.integers(0, FOLLOWING_BYTES_MAX), st.sampled_from([b"\0", b"x", b"\n", b"\1"]))
def test_a_list_ends_with_its_trailer_whatever_follows(value: object, count: int, byte: bytes) -> None:
    """What follows a list would be taken for its trailer, and the list be called cut off."""
    data = plistlib.dumps([value], fmt=plistlib.FMT_BINARY)
    assert end_of(data + byte * count) == len(data)


@given(VALUES, st.data())
def test_a_list_that_is_cut_ends_nowhere_before(value: object, data: st.DataObject) -> None:
    """A list within another one would pass for the whole."""
    whole = plistlib.dumps([value, plistlib.dumps([value], fmt=plistlib.FMT_BINARY)], fmt=plistlib.FMT_BINARY)
    cut = whole[: data.draw(st.integers(0, len(whole) - 1))]
    assert end_of(cut) == len(cut)
