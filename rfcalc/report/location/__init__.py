"""Where units of a layer see the input, and which of them see a part of it: the question, table, data."""
