"""The command line: commands, options, exit codes; the one place that prints."""
