"""Quantities and dates: reading them in a text, and comparing those of a claim with those of a passage."""
