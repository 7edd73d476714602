"""Benchmarks; each runs alone by `python -m tests.bench.NAME`, all of them by `python -m tests.bench`."""

import os

os.environ.setdefault("STREAMLIT_LOGGER_LEVEL", "error")  # without a server Streamlit warns about every cache
