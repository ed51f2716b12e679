"""From a table or a record to text: for a terminal, a pipe, a program."""
