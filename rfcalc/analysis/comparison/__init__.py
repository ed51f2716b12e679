"""Two networks side by side: which layers correspond, what was edited, and what each edit accounts for."""
