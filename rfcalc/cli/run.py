"""Running a command and reporting its errors."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from errno import ENOMEM

import click

from rfcalc.cli.exit_codes import BROKEN_PIPE, INTERRUPTED, MISTAKE
from rfcalc.cli.group import program
from rfcalc.cli.output import OutputClosed, say, say_all
from rfcalc.errors import OF_OPTIONS, DescriptionError, RfcalcError, counted
from rfcalc.files import keeping


def run(arguments: Sequence[str] | None) -> int:
    """Run the command line; mistakes are written to standard error.  Returns the exit code."""
    output = sys.stdout
    before = OF_OPTIONS.set(True)
    try:
        with keeping():
            code = program.main(arguments, prog_name="rfcalc", standalone_mode=False)
    except click.Abort:
        return INTERRUPTED
    except click.ClickException as error:
        context = getattr(error, "ctx", None)
        message = error.format_message().rstrip()
        if isinstance(error, click.NoSuchOption) and error.option_name[1:2].isdigit():
            message = f"positions and sizes count from 0, got {error.option_name}"
        say(f"rfcalc: error: {message}")
        if context is not None:
            say(f"see {context.command_path} -h")
        return MISTAKE
    except DescriptionError as error:
        say_all(error)
        say(counted(sum(diagnostic.severity == "error" for diagnostic in error.diagnostics), "error"))
        return MISTAKE
    except OutputClosed:
        return BROKEN_PIPE
    except SystemExit:
        # Where the reader of a help text or of standard error is gone, click leaves with the exit code of
        # findings, and puts other streams in place of the two.
        if sys.stdout is output:
            raise
        return BROKEN_PIPE
    except OSError as error:
        if error.errno == ENOMEM:
            raise MemoryError from None
        # What opens files says which; left are the streams.
        say(f"rfcalc: error: cannot write to standard output: {error.strerror or error}")
        return MISTAKE
    except RfcalcError as error:
        say(f"rfcalc: error: {error}")
        return MISTAKE
    finally:
        OF_OPTIONS.reset(before)
    return code if isinstance(code, int) else 0
