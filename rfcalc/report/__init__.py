"""From an analysis to a table or a record: columns, cells, totals, notes; no input or output."""
