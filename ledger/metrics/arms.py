"""The result of a hold-out: limit hits of each arm, how many were followed for 90 days, and how many stayed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from ledger import estimates
from ledger.experiments.holdouts import CONTROL, TREATMENT

if TYPE_CHECKING:
    from ledger.experiments.holdouts import HoldOut

HORIZON_DAYS = 90.0
LEAST_PER_GROUP = 30

Rows = Sequence[Mapping[str, Any]]


def followed(row: Mapping[str, Any], as_of: datetime) -> bool:
    """Whether the hit is 90 days old. Earlier departures do not count before that, since stayers cannot count yet."""
    hit_at: datetime = row["at"]
    return hit_at <= as_of - timedelta(days=HORIZON_DAYS)


def stayed(row: Mapping[str, Any]) -> int:
    """1 when the workspace of a followed hit was still there 90 days later, else 0."""
    return int(float(row["value"]) >= HORIZON_DAYS)


def compare(
    hits: Rows, hold_outs: Sequence[HoldOut], as_of: datetime
) -> tuple[estimates.Effect | None, dict[str, Any]]:
    """Return the effect of the latest hold-out that can be judged, else of the latest one, and its evidence.

    The second part: `reason` where there is no effect, `hold_out`, and `arms` with hits, followed and stayed of each
    (both None without a hold-out). Everybody counts in the arm they were assigned to: intention to treat.
    """
    result: dict[str, Any] = {
        "reason": "no limit hit of this period fell into a hold-out",
        "hold_out": None,
        "arms": None,
    }
    names = {row["hold_out"] for row in hits}
    for hold_out in sorted((one for one in hold_outs if one.name in names), key=lambda one: one.starts_at):
        arms = _counts([row for row in hits if row["hold_out"] == hold_out.name], as_of)
        reason = _lacking(hold_out, arms, as_of)
        if reason is None or result["reason"] is not None:
            result = {"reason": reason, "hold_out": hold_out.name, "arms": arms}
    if result["reason"] is not None:
        return None, result
    treatment, control = result["arms"][TREATMENT], result["arms"][CONTROL]
    effect = estimates.hold_out(
        treatment["stayed"], treatment["followed"], control["stayed"], control["followed"]
    )
    return effect, result


def _counts(hits: Rows, as_of: datetime) -> dict[str, dict[str, int]]:
    arms = {arm: {"hits": 0, "followed": 0, "stayed": 0} for arm in (CONTROL, TREATMENT)}
    for row in hits:
        arm = arms[row["arm"]]
        arm["hits"] += 1
        if followed(row, as_of):
            arm["followed"] += 1
            arm["stayed"] += stayed(row)
    return arms


def _lacking(hold_out: HoldOut, arms: Mapping[str, Mapping[str, int]], as_of: datetime) -> str | None:
    """Return what it lacks; None if it can be judged: the planned hits are reached, or it ended and all were followed.

    Looking earlier and stopping at a result that pleases would find effects where there are none.
    """
    smaller = min(arm["followed"] for arm in arms.values())
    needed = max(hold_out.hits_needed, LEAST_PER_GROUP)
    over = hold_out.ends_at is not None and hold_out.ends_at <= as_of
    all_followed = all(arm["followed"] == arm["hits"] for arm in arms.values())
    if smaller >= needed or (over and all_followed and smaller >= LEAST_PER_GROUP):
        return None
    runs = (
        f"ran from {hold_out.starts_at:%d %b %Y} to {hold_out.ends_at:%d %b %Y}"
        if hold_out.ends_at is not None and over
        else f"runs since {hold_out.starts_at:%d %b %Y}"
    )
    return f"hold-out {hold_out.name} {runs}: {smaller} of {needed} followed for 90 days in the smaller arm"
