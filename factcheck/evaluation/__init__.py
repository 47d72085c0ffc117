"""How good the verdicts are: gold labels in, figures out."""
