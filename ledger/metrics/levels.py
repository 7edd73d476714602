"""Evidence levels by name, each with a number and its unit, or the reason why there is none."""

from __future__ import annotations

from typing import Any, NamedTuple

EFFECT, ASSOCIATION = "effect", "adjusted association"
POINTS, PERCENT = "points", "percent"


class Level(NamedTuple):
    """A design: its name, whether it measures an effect, and the unit of its number."""

    name: str
    kind: str
    unit: str
    reads: str


LEVELS = (
    Level("hold-out", EFFECT, POINTS, "points of 90-day retention"),
    Level("launch comparison", EFFECT, POINTS, "points of 90-day retention"),
    Level("Cox model", ASSOCIATION, PERCENT, "% fewer departures"),
    Level("matched pairs", ASSOCIATION, POINTS, "points of 90-day retention"),
)


def level(design: Level, effect: Any | None, reason: str | None) -> dict[str, Any]:
    """Return one level of evidence as a JSON value, in points or percent; without an effect it does not stand."""
    named = {"level": design.name, "kind": design.kind, "unit": design.unit, "reads": design.reads}
    if effect is None:
        return {**named, "value": None, "low": None, "high": None, "n": 0, "reason": reason}
    return {
        **named,
        "value": round(100 * effect.value, 1),
        "low": round(100 * effect.low, 1),
        "high": round(100 * effect.high, 1),
        "n": effect.n,
        "reason": None,
        "balance": [list(line) for line in effect.balance],
    }
