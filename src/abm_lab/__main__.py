"""`python -m abm_lab` is `abm-lab`."""

from abm_lab.cli import main

if __name__ == "__main__":
    main()
