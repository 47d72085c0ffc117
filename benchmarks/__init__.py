"""Scripts that print measurements: `python -m benchmarks.NAME`. No test depends on a time."""
