"""`python -m rfcalc`: the command line."""

import sys

from rfcalc.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
