"""One script per claim: ``python -m benchmarks.NAME``."""
