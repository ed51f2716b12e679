"""Networks side by side: the summary, the edits, and the layers in pairs."""
