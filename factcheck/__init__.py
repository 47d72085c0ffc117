"""Fact-checking against sources you hold, on your own machine."""

__version__ = "0.1.0"
