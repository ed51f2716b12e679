"""Descriptions written as programs of other libraries."""
