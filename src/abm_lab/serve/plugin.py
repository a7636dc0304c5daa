"""A pytest plugin: `pytest_plugins = ["abm_lab.serve.plugin"]` gives tests a lab of their own."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from abm_lab.case import make_plan
from abm_lab.serve.lab import Lab, Options
from abm_lab.serve.run import serving

Serve = Callable[..., Lab]


@pytest.fixture(scope="session")
def abm_lab_serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serve]:
    """`abm_lab_serve(scenario, devices=…, seed=…, speed=…, faults=…)`: a lab that serves to the end of the session."""
    with ExitStack() as stack:

        def begin(
            scenario: str = "chicago",
            *,
            devices: int = 300,
            sites: int = 6,
            seed: int = 1,
            speed: float = 0.0,
            faults: int | None = None,
        ) -> Lab:
            folder = tmp_path_factory.mktemp("abm-lab")
            plan = make_plan(folder, scenario, devices, sites, seed, 1)
            return stack.enter_context(serving(Lab(Options(folder, scenario, speed, faults), plan)))

        yield begin
