"""The table of one network's layers, and the same as a record for programs."""
