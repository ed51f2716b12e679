"""The exit codes beside 0: a mistake in the usage or a description, an interrupt, a reader that went away."""

MISTAKE = 2
INTERRUPTED = 130
BROKEN_PIPE = 141
