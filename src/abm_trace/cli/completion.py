"""`abm-trace completion SHELL`: the script that completes commands and options."""

import click
from click.shell_completion import get_completion_class

_EPILOG = """\b
For example:
  abm-trace completion bash >> ~/.bash_completion
  abm-trace completion zsh > ~/.zfunc/_abm-trace
  abm-trace completion fish > ~/.config/fish/completions/abm-trace.fish
"""


@click.command("completion", epilog=_EPILOG)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def command(ctx: click.Context, shell: str) -> None:
    """Print the completion script of SHELL to standard output."""
    kind = get_completion_class(shell)
    if kind is not None:
        completion = kind(ctx.find_root().command, {}, "abm-trace", "_ABM_TRACE_COMPLETE")
        # Not `source()`: it asks the installed bash for its version, which says nothing of the bash that will read it.
        print(completion.source_template % completion.source_vars())
