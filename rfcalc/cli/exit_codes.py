"""The exit codes beside 0: something was found, a mistake, an interrupt, a reader that went away.

FOUND: a check has findings that make it fail, or a file is not in its canonical form.
MISTAKE: in the usage or in a description; something that could not be read or written; a bug.
"""

FOUND = 1
MISTAKE = 2
INTERRUPTED = 130
BROKEN_PIPE = 141
