"""`abm-lab serve`: one simulated world over real protocols, on loopback."""

import importlib.util
import sys
from datetime import datetime
from pathlib import Path

import click

from abm_lab.cli.case import aware_time

_NEEDED = ("jwt", "OpenSSL", "starlette", "uvicorn")


_EPILOG = """\b
For example:
  abm-lab serve --scenario apple-mixed --devices 600 --folder /tmp/lab
  curl --cacert /tmp/lab/ca.pem https://127.0.0.1:PORT/abm/us-east/v1/health

\b
Exit code:
  0  it was stopped
  2  bad usage
"""


@click.command("serve", epilog=_EPILOG)
@click.option("--scenario", default="chicago", show_default=True, metavar="NAME|FILE.toml", help="As of `case`.")
@click.option("--devices", default=1000, show_default=True, type=click.IntRange(1), help="Size of the fleet.")
@click.option("--sites", default=20, show_default=True, type=click.IntRange(1), help="Clinics that stage them.")
@click.option("--seed", default=1, show_default=True, type=click.IntRange(0), help="Same seed, same world.")
@click.option(
    "--log-kb", default=1, show_default=True, type=click.IntRange(1), help="Kilobytes of log that a device sends."
)
@click.option("--as-of", callback=aware_time, metavar="TIME", help="Move the rollout so that it ends then.")
@click.option(
    "--speed",
    default=0.0,
    show_default=True,
    type=click.FloatRange(0),
    help="Seconds of the world in one of ours, from the rollout's start on; 0 stands still at its end.",
)
@click.option("--faults", type=int, metavar="SEED", help="Answers fail now and then: 429, 5xx, half pages, resets.")
@click.option("--port", default=0, type=click.IntRange(0, 65535), help="Port of HTTPS.  [default: a free one]")
@click.option("--http-port", default=0, type=click.IntRange(0, 65535), help="The same without TLS.")
@click.option(
    "--gets-a-minute",
    default=0,
    show_default=True,
    type=click.IntRange(0),
    help="Limit of Apple Business API, by 429; Apple's is about 20. 0 sets none.",
)
@click.option("--ntp-port", default=0, type=click.IntRange(0, 65535), help="Port of SNTP.  [default: a free one]")
@click.option("--ntp-error", "ntp_error_s", default=0.0, metavar="SECONDS", help="How far SNTP is ahead.")
@click.option("--logs-to", default="", metavar="URL", help="Devices send logs there: http, https or syslog+tls.")
@click.option("--webhooks-to", default="", metavar="URL", help="NanoMDM and depsyncer post there: http or https.")
@click.option("--checkins-to", default="", metavar="URL", help="Devices check in there, at a NanoMDM of yours.")
@click.option(
    "--trust",
    "trusted",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Certificate authority (PEM) of these receivers.",
)
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where certificates, tokens and serve.json go.  [default: a temporary one]",
)
def command(
    *,
    scenario: str,
    devices: int,
    sites: int,
    seed: int,
    log_kb: int,
    as_of: datetime | None,
    speed: float,
    faults: int | None,
    port: int,
    http_port: int,
    ntp_port: int,
    ntp_error_s: float,
    gets_a_minute: int,
    logs_to: str,
    webhooks_to: str,
    checkins_to: str,
    trusted: Path | None,
    folder: Path | None,
) -> None:
    """Serve one simulated world on 127.0.0.1: ABM, Apple Business API, DEP, MDM servers, TLS endpoints, SNTP and more.

    What it answers is what `abm-lab case` writes with the same arguments, and its truth is the same. FOLDER/serve.json
    names every address, token and key. It runs until Ctrl-C. Needs the extra `lab`. docs/lab.md tells more.
    """
    if missing := [name for name in _NEEDED if importlib.util.find_spec(name) is None]:
        raise click.UsageError(
            f"abm-lab serve needs the extra `lab` ({', '.join(missing)} missing): pip install 'abm-trace[lab]'"
        )
    from abm_lab import scenario as scenarios
    from abm_lab.case import CaseError, make_plan
    from abm_lab.serve.lab import Options
    from abm_lab.serve.posting import TargetError
    from abm_lab.serve.run import serve
    from abm_lab.serve.sending import Targets

    options = Options(
        Path(),
        scenario,
        speed,
        faults,
        https_port=port,
        http_port=http_port,
        ntp_port=ntp_port,
        ntp_error_s=ntp_error_s,
        gets_a_minute=gets_a_minute,
        targets=Targets(logs_to, webhooks_to, checkins_to),
        trusted=trusted,
    )
    try:
        plan = make_plan(Path(), scenario, devices, sites, seed, log_kb, as_of=as_of)
        serve(options, plan, folder, lambda text: click.echo(text, err=True))
    except (CaseError, scenarios.ScenarioError, TargetError) as error:
        raise click.UsageError(str(error)) from error
    except OSError as error:
        raise click.ClickException(
            f"{error.strerror or error}; free the port or the folder, or give another"
        ) from error
    sys.exit(0)
