"""Remarks on a number: why it is missing, hold-outs in it, changes since its month closed, its age."""

from sqlalchemy import Connection

from dashboard.kit import causes
from dashboard.kit.filters import Filters
from dashboard.kit.tiles import closed, muted, shown
from dashboard.text import decimal, moment, percent
from ledger.metrics import METRICS, TOO_FEW, Measure, closed_number, rows_of_control


def remarks(db: Connection, result: Measure, filters: Filters) -> list[str]:
    """Return every remark as a sentence of plain text."""
    return [
        part
        for part in (
            (result.reason or "").capitalize(),
            muted(result),
            (result.basis or "").capitalize(),
            hold_out_remark(db, result, filters),
            since_closed(db, result, filters),
            footer(result),
        )
        if part
    ]


def footer(result: Measure) -> str:
    """Return the version of the definition and the age of the number."""
    computed = f" · interval computed {moment(result.computed_at)}" if result.computed_at else ""
    return f"Definition version {result.definition_version} · data to {moment(result.as_of)}{computed}"


def since_closed(db: Connection, result: Measure, filters: Filters) -> str:
    """Return how the number of exactly one closed month has changed since that month closed."""
    if filters.narrowed or not METRICS[result.slug].closes:
        return ""
    month = closed_number(
        db,
        result.slug,
        start=filters.period.start,
        end=filters.period.end,
        timezone=filters.state.timezone,
        source=filters.source,
        as_of=filters.as_of,
        currency=result.currency,
    )
    if month is None:
        return ""
    numbers = [(one.value, one.n) for one in (month.closed, month.now, result)]
    if len(set(numbers)) == 1 and not month.moved:
        return ""
    why = causes.listed(month.causes) if numbers[1] == numbers[2] else "cause not known yet"
    before = "–" if month.closed.causes else closed(month.closed)
    return f"Changed since the month closed: {before} → {shown(result, exact=True)} ({why})"


def hold_out_remark(db: Connection, result: Measure, filters: Filters) -> str:
    """Return how many cases of a share saw no offer, and the share without them."""
    without_offer = rows_of_control(db, result.slug, filters.selection)
    if not without_offer.rows:
        return ""
    bought, n = (result.numerator or 0) - without_offer.bought, (result.denominator or 0) - without_offer.rows
    share = f" = {percent(100 * bought / n)}" if n >= TOO_FEW else ""
    without = "–" if n <= 0 else f"{decimal(bought)} of {decimal(n)}{share}"
    return f"{decimal(without_offer.rows)} of them saw no offer (hold-out); without them {without}"
