"""The command line: one file a command, imported when it is asked for."""

from typing import Any, ClassVar, NoReturn

import click

from abm_trace.cli import _program


class _Commands(_program.Commands):
    home = __name__
    names: ClassVar[dict[str, str]] = {
        "triage": "Trace a case: a verdict for every device.",
        "explain": "Explain one device, or a name such as L3.",
        "reconcile": "Compare manifest, ABM, DEP and MDM: who lacks whom.",
        "licences": "Count the MDM seats that are consumed, in use and lost.",
        "sla": "Say whether the agreed registration rate was met.",
        "check": "Check one thing, live or saved: check tls HOST.",
        "checklist": "Take the six triage steps; the exit code says whether to escalate.",
        "validate": "Validate enrolment profiles; abm-validate is the same.",
        "guard": "Run a staging step, and stop it when a device stays silent.",
        "health": "Score the rollout's health, and say whether it may go on.",
        "tokens": "List the tokens, their age, and when to rotate each.",
        "clock-guard": "Block staging while this computer's clock is wrong.",
        "policy": "Let Rego policies decide: policy eval|test.",
        "remedy": "Render what helps: configuration, scripts, runbooks.",
        "predeclare": "Fingerprint devices, and declare them before they are staged.",
        "v2-ready": "Say what still depends on the ABM API's v1, and rewrite it.",
        "mark": "Say of a finding whether it is right.",
        "signatures": "List, test, lint and convert the signatures.",
        "evidence": "Keep, check, hold and purge evidence: evidence verify STORE.",
        "completion": "Print the completion script of a shell.",
    }

    def main(self, *args: Any, **kwargs: Any) -> NoReturn:  # noqa: ANN401  # As click has it.
        """Run the program, on these words or those of the shell."""
        words = args[0] if args else kwargs.get("args")
        _program.run(self, kwargs.get("prog_name") or "abm-trace", words)


_EPILOG = """\b
For example:
  abm-trace triage CASE
  abm-trace explain F9FXQ1ABCD --case CASE
  abm-trace check boot-log F9FXQ1ABCD.log
"""


@click.group(cls=_Commands, epilog=_EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@_program.version
def main() -> None:
    """Say for every device of a rollout how far it came, what stopped it, and on what evidence."""
