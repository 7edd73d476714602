"""Which workspaces a question is about: those on a plan, billed in a way, or with an attribute."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from ledger.database import query
from ledger.minutes.attributes import natural_order
from ledger.pricing.history import UsageHistory
from ledger.pricing.refusals import NoHistory

NONE = "none"
CYCLES = (NONE, "monthly", "annual")
MONTHS_OF_A_YEAR = 12


@dataclass(frozen=True)
class Trait:
    """What workspaces count under by one key: `codes[w]` is an index into `segments`, whose first is `none`."""

    segments: tuple[str, ...]
    codes: NDArray[np.int16]


Traits = Mapping[str, Trait]


def read_traits(db: Connection, source: str, history: UsageHistory) -> dict[str, Trait]:
    """Return the billing cycle and every attribute of the workspaces of a history, as they are now."""
    place = {name: number for number, name in enumerate(history.workspace_ids)}
    by_key: dict[str, dict[str, Sequence[str]]] = {}
    for row in db.execute(query("pricing_traits"), {"source": source}):
        by_key.setdefault(row.key, {})[row.segment] = row.workspace_ids
    traits = {"billing_cycle": _cycles(history)}
    return traits | {key: _trait(by_segment, place) for key, by_segment in sorted(by_key.items())}


def _cycles(history: UsageHistory) -> Trait:
    """Return the cycle of the last credit of each workspace."""
    latest = np.where(history.months > 0, np.arange(history.steps)[:, None], -1).max(axis=0)
    months = history.months[np.maximum(latest, 0), np.arange(history.size)]
    codes = np.where(months >= MONTHS_OF_A_YEAR, 2, np.where(months > 0, 1, 0))
    return Trait(CYCLES, codes.astype(np.int16))


def _trait(by_segment: Mapping[str, Sequence[str]], place: Mapping[str, int]) -> Trait:
    segments = (NONE, *sorted((one for one in by_segment if one != NONE), key=natural_order))
    codes = np.zeros(len(place), dtype=np.int16)
    for code, segment in enumerate(segments[1:], start=1):
        codes[[place[name] for name in by_segment[segment] if name in place]] = code
    return Trait(segments, codes)


def members(
    history: UsageHistory, traits: Traits, plan: str, wanted: Sequence[tuple[str, str]]
) -> NDArray[np.intp] | None:
    """Return the places of the workspaces on a plan ("": any) with all wanted segments; None is everybody.

    Raises NoHistory when there are none, or the segment is not known.
    """
    if not plan and not wanted:
        return None
    chosen = np.ones(history.size, dtype=np.bool_)
    if plan:
        if plan not in history.segments:
            raise NoHistory(f"Nobody is on {plan}.")
        chosen &= history.segment == history.segments.index(plan)
    for key, segment in wanted:
        trait = traits.get(key)
        if trait is None or segment not in trait.segments:
            raise NoHistory(f"No workspace has {key} {segment} in these data.")
        chosen &= trait.codes == trait.segments.index(segment)
    if not chosen.any():
        raise NoHistory("No workspace is in this segment.")
    return np.flatnonzero(chosen)
