"""Networks from the files of other programs, which become descriptions."""
