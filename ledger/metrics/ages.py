"""How fast purchased minutes are used: each minute is watched from its purchase until it is used."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from ledger.database import query
from ledger.metrics.sums import rollup_state


def use_by_age(
    db: Connection,
    *,
    source: str,
    start: datetime,
    end: datetime,
    as_of: datetime,
    plan: str | None = None,
    billing_cycle: str | None = None,
    attributes: Mapping[str, str] | tuple[tuple[str, str], ...] = (),
) -> dict[str, Any] | None:
    """Return the share of minutes used by age in days, of packages bought on the days [start, end); None without any.

    Each minute is one observation; unused ones are watched until `as_of` and then censored (Kaplan-Meier), those
    taken back until that day. The result has days, value, low, high (percent) and seen_days; the band is the value
    itself, because the minutes of one package are not independent.
    """
    state = rollup_state(db)
    zone = ZoneInfo(state.timezone)
    moments = {"first_day": start, "last_day": end, "known_day": state.reach(as_of)}
    narrowed = json.dumps(dict(attributes)) if attributes else None
    filters = {"source": source, "plan": plan, "billing_cycle": billing_cycle, "attributes": narrowed}
    binds = filters | {name: moment.astimezone(zone).date() for name, moment in moments.items()}
    at_age = db.execute(query("use_by_age"), binds).all()
    if not at_age:
        return None
    watched = sum(row.used + row.censored for row in at_age)
    left, days, value = 1.0, [0], [0.0]
    for row in at_age:
        if watched > 0:
            left *= 1 - row.used / watched
        watched -= row.used + row.censored
        days.append(row.age)
        value.append(round(100 * (1 - left), 2))
    return {"days": days, "value": value, "low": value, "high": value, "seen_days": days[-1]}
