"""`abm-trace completion SHELL [PROGRAM]`: the script that completes commands and options."""

import shlex
from collections.abc import Iterator
from typing import Final

import click
from click.shell_completion import get_completion_class

_EPILOG = """\b
For example:
  abm-trace completion bash >> ~/.bash_completion
  mkdir -p ~/.zfunc; abm-trace completion zsh > ~/.zfunc/_abm-trace
  mkdir -p ~/.config/fish/completions; abm-trace completion fish \\
                       > ~/.config/fish/completions/abm-trace.fish
  abm-trace completion bash abm-validate >> ~/.bash_completion

\b
Exit code:
  0  done
  2  bad usage
"""
_ALONE: Final = "abm-trace-verify"
"""It loads nothing but the evidence log, so nothing that could answer a shell; its options are few, and stand here."""

PROGRAMS: Final = ("abm-trace", "abm-validate", "abm-clock-guard", _ALONE, "abm-lab")


@click.command("completion", epilog=_EPILOG)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.argument("program", type=click.Choice(PROGRAMS), default=PROGRAMS[0])
@click.pass_context
def command(ctx: click.Context, shell: str, program: str) -> None:
    """Print the completion script of SHELL for PROGRAM, abm-trace if not given."""
    kind = get_completion_class(shell)
    if program == _ALONE:
        click.echo("\n".join(_options(shell)))
    elif kind is not None:
        variable = f"_{program.replace('-', '_').upper()}_COMPLETE"
        completion = kind(ctx.find_root().command, {}, program, variable)
        # Not `source()`: it asks the installed bash for its version, which says nothing of the bash that will read it.
        click.echo(completion.source_template % completion.source_vars())


def _options(shell: str) -> Iterator[str]:
    """The script for the program that stands alone: its options, else files."""
    from abm_trace.evidence import alone

    options = [(each.option_strings[-1], each.help or "", each.nargs != 0) for each in alone.options()]
    if shell == "bash":
        yield f"complete -o default -W {shlex.quote(' '.join(name for name, _, _ in options))} {_ALONE}"
    elif shell == "zsh":
        words = (shlex.quote(f"{name}[{said}]" + ":file:_files" * takes) for name, said, takes in options)
        yield from (f"#compdef {_ALONE}", f"_arguments {' '.join(words)} '*:file:_files'")
    else:
        for name, said, takes in options:
            yield f"complete -c {_ALONE} -l {name.removeprefix('--')}{' -r' * takes} -d {shlex.quote(said)}"
