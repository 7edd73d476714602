"""Benchmarks; each runs alone by `python -m tests.bench.NAME`, all of them by `python -m tests.bench`."""

import logging

logging.disable(logging.WARNING)  # outside its server Streamlit warns of everything it cannot do
