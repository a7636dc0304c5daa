"""Runs the lab until it is told to stop: for the command, or in a thread beside a test."""

import asyncio
import signal
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from abm_lab.rollout import Plan
from abm_lab.serve.lab import Lab, Options

_LOOKS_EVERY_S = 0.2


def serve(options: Options, plan: Plan, folder: Path | None, say: Callable[[str], None]) -> None:
    """Serve until SIGINT or SIGTERM; `say` is told where. Without a folder a temporary one is used and removed."""
    with ExitStack() as stack:
        if folder is None:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="abm-lab-")))
        lab = Lab(replace(options, folder=folder.resolve()), plan)
        asyncio.run(_serve(lab, say))


@contextmanager
def serving(lab: Lab) -> Iterator[Lab]:
    """The lab serves in a thread of its own while the block runs; its `about` holds what serve.json does."""
    loop = asyncio.new_event_loop()
    started, stop = threading.Event(), asyncio.Event()

    async def run() -> None:
        async with lab.running():
            started.set()
            await stop.wait()

    def work() -> None:
        with asyncio.Runner(loop_factory=lambda: loop) as runner:
            runner.run(run())

    thread = threading.Thread(target=work, name="abm-lab serve", daemon=True)
    thread.start()
    while not started.wait(_LOOKS_EVERY_S):
        if not thread.is_alive():
            raise RuntimeError("the lab did not start; its thread says why above")
    try:
        yield lab
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()


async def _serve(lab: Lab, say: Callable[[str], None]) -> None:
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    # Where the loop takes no signals, Ctrl-C ends it all the same.
    with suppress(NotImplementedError):
        for name in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(name, stop.set)
    async with lab.running():
        say(f"abm-lab serve: SIMULATED, {lab.about['scenario']}, {lab.about['devices']} devices, on loopback only")
        say(f"  {lab.about['https']} (certificate authority {lab.about['ca']}), {lab.about['http']}")
        say(f"  try: curl --cacert {lab.trust.ca} {lab.about['https']}/abm/us-east/v1/health")
        say(f"  addresses, tokens and keys: {lab.folder / 'serve.json'}; Ctrl-C stops")
        await stop.wait()
