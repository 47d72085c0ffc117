"""The summary, and the check of every sentence of it."""
