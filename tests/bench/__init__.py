"""Benchmarks; each runs alone by `python -m tests.bench.NAME`, all of them by `python -m tests.bench`."""
