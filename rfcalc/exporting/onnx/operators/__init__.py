"""One function for each operator that can be written."""
