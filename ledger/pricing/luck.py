"""Luck that belongs to a workspace, not to the order of a loop.

The same workspace, step and attempt has the same luck in every scenario of one draw (common random numbers),
whichever other workspaces are replayed beside it. So the difference of two scenarios is not noise.
"""

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ledger.pricing.refusals import WrongAssumption

Keys = NDArray[np.uint64]
_STEP = np.uint64(0x9E3779B97F4A7C15)


def keys_of(workspace_ids: Sequence[str]) -> Keys:
    """A number for each workspace that depends on its id alone."""
    digests = b"".join(hashlib.blake2b(name.encode(), digest_size=8).digest() for name in workspace_ids)
    return np.frombuffer(digests, dtype="<u8").astype(np.uint64)


def mixed(number: Keys) -> Keys:
    """Scatter 64 bits over 64 bits (the finaliser of splitmix64)."""
    z = number ^ (number >> np.uint64(30))
    z *= np.uint64(0xBF58476D1CE4E5B9)
    z ^= z >> np.uint64(27)
    z *= np.uint64(0x94D049BB133111EB)
    z ^= z >> np.uint64(31)
    return z


def draw_keys(keys: Keys, seed: int, draw: int) -> Keys:
    """The keys of one draw of one seed. Raises WrongAssumption for a seed below 0."""
    start = np.array([(_sound(seed) * 1_000_003 + draw + 1) % 2**64], dtype=np.uint64)
    return mixed(keys ^ mixed(start * _STEP))


def generator_of(seed: int) -> np.random.Generator:
    """Chance that follows from the seed alone. Raises WrongAssumption for a seed below 0."""
    return np.random.default_rng(_sound(seed))


def _sound(seed: int) -> int:
    if seed < 0:
        raise WrongAssumption(f"seed {seed}.")
    return seed


def luck(keys: Keys, step: int, attempt: int) -> NDArray[np.float64]:
    """A number in [0, 1) for each key at this step and attempt."""
    moved = keys + np.array([step * 4096 + attempt + 1], dtype=np.uint64) * _STEP
    chance: NDArray[np.float64] = (mixed(moved) >> np.uint64(11)).astype(np.float64) * 2.0**-53
    return chance
