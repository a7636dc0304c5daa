"""Devices on Apple's own way for the tests of fates."""

from collections.abc import Callable

import pytest
from tests.lab.fates.telling import Told, tell_apple

from abm_lab.apple.server import Server
from abm_lab.fates._interface import Fate


@pytest.fixture
def told(as_of: int) -> Callable[[Fate, Server], Told]:
    """`told(fate, server)`: what the exports of a device with that fate at that server show."""
    return lambda fate, server: tell_apple(fate, server, as_of)
