"""The one-page report of networks: what it holds, ready to be written."""
