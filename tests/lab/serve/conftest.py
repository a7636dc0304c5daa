"""Labs that the tests of the servers share: each begun once in a process of a test run."""

import shutil
from collections.abc import Callable

import pytest
from tests.lab.serve.client import Curl

from abm_lab.serve.lab import Lab
from abm_lab.serve.plugin import abm_lab_serve

__all__ = ["abm_lab_serve"]


@pytest.fixture(scope="session", autouse=True)
def _clients_are_there() -> None:
    """Skip loudly: nothing here is a test without clients that others wrote."""
    for program in ("curl", "openssl"):
        if shutil.which(program) is None:
            pytest.skip(f"no {program}: on Debian run: sudo apt-get install {program}")


@pytest.fixture(scope="session")
def mixed(abm_lab_serve: Callable[..., Lab]) -> Lab:
    """The guide's devices and Apple's in one world that stands at its end."""
    return abm_lab_serve("mixed-dialect", devices=300, sites=6, seed=11)


@pytest.fixture
def curl(mixed: Lab) -> Curl:
    """A client of that world; every fault is cleared, and the clock at its end."""
    mixed.clock.set(mixed.clock.end, 0)
    mixed.faults.set.clear()
    mixed.faults.seed = None
    return Curl(mixed)
