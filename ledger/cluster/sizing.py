"""Bytes, cores and machines that a company of a size needs, from measured constants: `docs/scale.md`."""

from __future__ import annotations

from math import ceil

BYTES_A_USE = 293
"""Row, indexes and draws of one use: `python -m tests.bench.sizes`."""
BYTES_A_WORKSPACE = 5_000
"""Everything of a workspace but its uses; a guess, for ten lots and five purchases each."""
MILLISECONDS_A_SINGLE_USE = 0.75
"""Processor time of the server for a use in its own transaction: `python -m tests.bench.uses`, track-single."""
MILLISECONDS_A_BATCHED_USE = 0.045
"""The same in batches of 1,000: line track-batch-1000."""
MILLISECONDS_A_CLUSTERED_USE = 3.55
"""A use in a transaction of its own on Citus, coordinator and worker together."""
MILLISECONDS_A_CLUSTERED_BATCHED_USE = 0.12
PEAK = 10
"""How many times the average the busiest hour is; a guess, as every company differs."""
SECONDS_A_YEAR = 365 * 86_400
TERABYTES_OF_A_SERVER = 8.0
CORES_OF_A_SERVER = 32
TERABYTES_OF_A_WORKER = 2.0
GIGABYTES_OF_A_SHARD = 35


def lines_of_size(workspaces: int, uses_a_year: int) -> list[str]:
    """Return the answer, a line each: bytes, rate, cores, and the first of the three ways that holds them."""
    stored = (uses_a_year * BYTES_A_USE + workspaces * BYTES_A_WORKSPACE) / 1e12
    average = uses_a_year / SECONDS_A_YEAR
    peak = average * PEAK
    single = peak * MILLISECONDS_A_SINGLE_USE / 1000
    clustered = peak * MILLISECONDS_A_CLUSTERED_USE / 1000
    in_batches = peak * MILLISECONDS_A_BATCHED_USE / 1000
    clustered_in_batches = peak * MILLISECONDS_A_CLUSTERED_BATCHED_USE / 1000
    return [
        f"{workspaces:,} workspaces, {uses_a_year:,} uses a year",
        f"disk: {stored:,.3f} TB for a year of uses, {2 * stored:,.3f} TB with one standby, before bloat and WAL",
        f"uses: {average:,.1f} a second on average, {peak:,.1f} in a busy hour (assumed {PEAK} x)",
        f"cores of one server then: {single:,.2f} for single uses, {in_batches:,.2f} for batches of 1,000",
        f"cores of a cluster then: {clustered:,.2f} for single uses, {clustered_in_batches:,.2f} for batches of 1,000",
        _way(stored, single),
    ]


def _way(stored: float, cores: float) -> str:
    if stored <= TERABYTES_OF_A_SERVER / 2 and cores <= CORES_OF_A_SERVER / 2:
        return "one PostgreSQL server with a standby holds this; add a replica for reports when they slow it down"
    workers = max(2, ceil(stored / TERABYTES_OF_A_WORKER * 2))
    shards = 2 ** max(5, ceil(stored * 1000 / GIGABYTES_OF_A_SHARD) - 1).bit_length()
    return (
        f"one server of {TERABYTES_OF_A_SERVER:.0f} TB is more than half full: Citus with a coordinator and {workers} "
        f"workers of {TERABYTES_OF_A_WORKER:.0f} TB, half full, a standby for each, `distribute --shards {shards}`"
    )
