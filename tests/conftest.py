"""What every test may use: golden files and the settings of hypothesis."""

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

# No test is timed: a busy machine is no defect.
settings.register_profile("test", deadline=None, derandomize=True, print_blob=True)
settings.register_profile("fuzz", settings.get_profile("test"), derandomize=False, max_examples=20_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "test"))

# What a shell begins with & ignores Ctrl-C, and so would each program that a test stops.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds --update-golden."""
    parser.addoption("--update-golden", action="store_true", help="write the golden files anew; review their diff")


def pytest_configure(config: pytest.Config) -> None:
    """Keeps golden files from being rewritten where nobody reviews them."""
    if config.getoption("--update-golden") and os.environ.get("CI"):
        message = "--update-golden is for people, who read the diff"
        raise pytest.UsageError(message)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Prints the figures that tests have recorded (`record_property("figure", text)`), in CI too."""
    for state in ("passed", "failed"):
        for report in terminalreporter.getreports(state):
            for name, text in report.user_properties:
                if name == "figure":
                    terminalreporter.write_line(str(text))


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[Path, bytes], None]:
    """A check that the bytes are those of the golden file; with --update-golden it writes them instead."""
    update = bool(request.config.getoption("--update-golden"))

    def check(path: Path, actual: bytes) -> None:
        if update:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(actual)
        assert actual.decode() == path.read_bytes().decode(), f"{path} differs; if rightly so: pytest --update-golden"

    return check
