"""Budgets: limits of a configuration, the earlier figures they compare with, and what made them grow."""
