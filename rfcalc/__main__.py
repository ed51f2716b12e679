"""`python -m rfcalc` is the command `rfcalc`."""

from rfcalc.cli.main import run_process

if __name__ == "__main__":
    run_process()
