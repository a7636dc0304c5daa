"""`python -m abm_trace.cli` is `abm-trace`."""

from abm_trace.cli import main

if __name__ == "__main__":
    main(prog_name="abm-trace")
