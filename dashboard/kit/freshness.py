"""Remarks on a number: why it is missing, hold-outs in it, changes since its month closed, its age."""

from sqlalchemy import Connection

from dashboard.kit import causes
from dashboard.kit.filters import Filters
from dashboard.kit.tiles import kept, muted, shown
from dashboard.text import decimal, moment, percent
from ledger.metrics import METRICS, Measure
from ledger.metrics.closed_months import closed_number
from ledger.metrics.held import held_in
from ledger.metrics.measures import TOO_FEW


def remarks(db: Connection, found: Measure, filters: Filters) -> list[str]:
    """Return every remark as a sentence of plain text."""
    return [
        part
        for part in (
            (found.reason or "").capitalize(),
            muted(found),
            (found.basis or "").capitalize(),
            of_held(db, found, filters),
            since_closed(db, found, filters),
            footer(found),
        )
        if part
    ]


def footer(found: Measure) -> str:
    """Return the version of the definition and the age of the number."""
    computed = f" · interval computed {moment(found.computed_at)}" if found.computed_at else ""
    return f"Definition version {found.definition_version} · data to {moment(found.as_of)}{computed}"


def since_closed(db: Connection, found: Measure, filters: Filters) -> str:
    """Return how the number of exactly one closed month differs from what it was when that month closed."""
    if filters.plan or filters.billing_cycle or not METRICS[found.slug].closes:
        return ""
    month = closed_number(
        db,
        found.slug,
        start=filters.period.start,
        end=filters.period.end,
        timezone=filters.state.timezone,
        source=filters.source,
        as_of=filters.as_of,
        currency=found.currency,
    )
    if month is None:
        return ""
    numbers = [(one.value, one.n) for one in (month.closed, month.now, found)]
    if len(set(numbers)) == 1 and not month.moved:
        return ""
    why = causes.listed(month.causes) if numbers[1] == numbers[2] else "the cause is not known yet"
    before = "–" if month.closed.causes else kept(month.closed)
    return f"Changed since the month closed: {before} → {shown(found, exact=True)} ({why})"


def of_held(db: Connection, found: Measure, filters: Filters) -> str:
    """Return how many behind a share were held out of the offer, and the share without them."""
    held = held_in(db, found.slug, filters.selection)
    if not held.rows:
        return ""
    bought, n = (found.numerator or 0) - held.bought, (found.denominator or 0) - held.rows
    share = f" = {percent(100 * bought / n)}" if n >= TOO_FEW else ""
    without = "–" if n <= 0 else f"{decimal(bought)} of {decimal(n)}{share}"
    return f"{decimal(held.rows)} of them saw no offer (hold-out); without them {without}"
