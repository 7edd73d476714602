"""The metric card: a number, how sure it is, what it means, how fresh it is, and the way to its rows."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Literal

import streamlit as st
from sqlalchemy import Connection

from dashboard import url
from dashboard.access import operator_or_nobody
from dashboard.installation import reading
from dashboard.kit import awaited, causes, exports, spreadsheet, tables
from dashboard.kit.filters import Filters
from dashboard.kit.periods import Period
from dashboard.text import counted, decimals, local, minus, money, plain
from ledger.estimates import difference
from ledger.metrics import METRICS, Measure, measure, row_totals, rows
from ledger.metrics.closed_months import Reading, closed_number
from ledger.metrics.fits import FITTED, few_payments
from ledger.metrics.held import held_in
from ledger.metrics.measures import TOO_FEW
from ledger.metrics.rows import Selection

PAGE = 25
NOT_COMPARED = (
    "days-of-cover",  # of the present only
    "recognised-money",  # open-ended: what was sold earlier has had longer to be used
)
FOLLOWED = (  # money comes and goes back later: both periods are read after equally long
    "revenue-per-hitter",
    "refund-rate",
    "conversion-net",
    "average-package-minutes-net",
    "average-package-revenue-net",
)
FITTED_ONLY = ("ladder", "incidence", "time-to-half", "slow-mean", "slow-median")
A_UNIT = 100  # cents: below, the price of a minute is more than its cents
UNITS = {"percent": "%", "minutes": "min", "days": "days", "seconds": "s"}


def shown(found: Measure) -> str:
    """The number for people: a few cases as counts, currencies side by side, what cannot be given as a dash."""
    if found.value is None:
        apart = [shown(part) for part in found.parts if part.value is not None]
        return " · ".join(apart) or "–"
    if found.few and METRICS[found.slug].estimate == "ratio":
        return f"{found.numerator or 0:.0f} of {found.denominator}"
    return number(found.value, found.unit, found.currency)


def number(value: float, unit: str, currency: str | None = None) -> str:
    """A value in its unit, with a real minus sign."""
    if unit == "cents" and abs(value) < A_UNIT and value % 1:
        digits = decimals(currency or "usd")
        return f"{value / 10**digits:.{digits + 2}f} {(currency or 'usd').upper()}"
    if unit == "cents":
        return money(round(value), currency or "usd")
    digits = 1 if unit != "minutes" or value % 1 else 0
    return minus(f"{value:,.{digits}f} {UNITS[unit]}")


def card(db: Connection, slug: str, filters: Filters, *, key: str = "", **more: Any) -> Measure:
    """Draw one metric of the period beside the same one of the period before; returns the measure."""
    found = measure(db, slug, **filters.chosen, **more)
    delta, told = compared(db, slug, filters, **more)
    metric = METRICS[slug]
    with st.container(border=True, height="stretch", key=f"card_{slug}{key}"):
        st.metric(
            metric.name,
            shown(found),
            delta=delta,
            delta_color="off",
            delta_arrow=arrow(delta),
            help=f"{plain(metric.formula)} [{'Definition'}]({url.definition(slug)})",
        )
        if delta:
            st.caption(told)
        if found.reason:
            st.caption(f":material/info: {found.reason}")
        st.caption(footer(found, linked=True))
        if not more and (told := of_held(db, found, filters)):
            st.caption(f":material/visibility_off: {told}")
        if not more and (moved := since_closed(db, found, filters)):
            st.caption(f":material/history: {moved}")
        with st.container(horizontal=True):
            st.button(
                "Rows",
                key=f"rows_of_{slug}{key}",
                icon=":material/table_rows:",
                type="tertiary",
                on_click=open_rows,
                args=[slug],
            )
            exports.download(slug, filters, key=f"csv_{slug}{key}")
    return found


def since_closed(db: Connection, found: Measure, filters: Filters) -> str:
    """How the number of exactly one closed month differs from what it was when that month closed; else nothing."""
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
    why = causes.told(month.causes) if numbers[1] == numbers[2] else "the cause is not listed yet"
    before = "–" if month.closed.causes else kept(month.closed)
    return f"changed since it closed: {before} → {shown(found)} ({why})"


def of_held(db: Connection, found: Measure, filters: Filters) -> str:
    """How many behind a share were held out of the offer, and the share without them; else nothing."""
    held = held_in(db, found.slug, filters.selection)
    if not held.rows:
        return ""
    bought, n = (found.numerator or 0) - held.bought, (found.denominator or 0) - held.rows
    without = (
        "–" if n <= 0 else f"{bought:.0f} / {n:,}" + (f" = {100 * bought / n:.1f} %" if n >= TOO_FEW else "")
    )
    return f"{held.rows:,} of them saw no offer (hold-out); without them {without}"


def kept(reading: Reading) -> str:
    """A closed number for people, like `shown`."""
    metric = METRICS[reading.metric]
    if reading.value is None:
        return "–"
    if metric.estimate == "ratio" and (reading.n or 0) < TOO_FEW:
        return f"{reading.value * (reading.n or 0) / 100:.0f} of {reading.n}"
    return number(reading.value, metric.unit, reading.currency or None)


def compared(db: Connection, slug: str, filters: Filters, **more: Any) -> tuple[str | None, str]:
    """The change against the earlier period, complete days on both sides, and what it was compared with."""
    if filters.against is None or slug in NOT_COMPARED or METRICS[slug].estimate in FITTED_ONLY:
        return None, ""
    mine, before = filters.against
    then = filters.of(before)
    if slug in FOLLOWED:
        if not few_payments(db, filters.selection.within(before.start, before.end)):
            return None, ""  # what was known then is counted from the rows, not from the daily sums
        then["as_of"] = filters.known["as_of"] - (mine.start - before.start)
    ours = measure(db, slug, **filters.of(mine), **more, interval=False)
    earlier = measure(db, slug, **then, **more, interval=False)
    if ours.value is None or earlier.value is None or ours.few or earlier.few:
        return None, ""
    return _change(ours.value - earlier.value, ours), _against(before, ours, earlier)


def arrow(delta: str | None) -> Literal["up", "down", "off"]:
    """The way a change points; none for a change that is nothing at the digits shown."""
    if not delta or not any(digit in delta for digit in "123456789"):
        return "off"
    return "down" if delta.startswith("−") else "up"


def _change(change: float, ours: Measure) -> str:
    """A difference with its sign."""
    return f"{'−' if change < 0 else '+'}{size(change, ours.value, ours.unit, ours.currency)}"


def size(change: float, value: float | None, unit: str, currency: str | None) -> str:
    """How large a difference is, without its sign, as exact as the number `value` that it belongs to."""
    if unit == "percent":
        return f"{abs(change):,.1f} {'points'}"
    if unit == "cents" and abs(value or 0) >= A_UNIT:
        return money(round(abs(change)), currency or "usd")
    return number(abs(change), unit, currency)


def _against(period: Period, ours: Measure, earlier: Measure) -> str:
    """The earlier days; for shares of independent cases also whether the difference may be chance (Newcombe)."""
    last = period.last - timedelta(days=1)
    told = f"against {period.first:%d %b %Y} – {last:%d %b %Y}"
    metric = METRICS[ours.slug]
    if metric.estimate != "ratio" or metric.repeats or not (ours.denominator and earlier.denominator):
        return told
    found = difference(
        int(ours.numerator or 0), ours.denominator, int(earlier.numerator or 0), earlier.denominator
    )
    if found is None:
        return told
    band = minus(f"[{100 * found.low:+.1f}, {100 * found.high:+.1f}]")
    return f"{told} {band}"


def footer(found: Measure, *, linked: bool = False) -> str:
    """n, interval, pending, definition and freshness: what every number carries. `linked`: the version leads to it."""
    parts = [] if found.n is None else [f"n {found.n:,}"]
    if found.low is not None:
        low, high = (
            "not reached" if bound is None else number(bound, found.unit, found.currency)
            for bound in (found.low, found.high)
        )
        parts.append(f"95 %: {low} … {high}")
    if found.pending:
        parts.append(f"{found.pending:,} pending")
    if found.basis:
        parts.append(found.basis)
    if found.few and METRICS[found.slug].estimate == "ratio" and found.value is not None:
        parts.append("fewer than 10: counts only")
    if found.few and METRICS[found.slug].estimate == "mean" and found.low is not None:
        parts.append("fewer than 10: rough, right in about 85 of 100 cases")
    version = f"v{found.definition_version}"
    parts.append(f"[{version}]({url.definition(found.slug)})" if linked else version)
    parts.append(f"data to {local(found.as_of):%d %b %H:%M %Z}")
    if found.computed_at:
        parts.append(f"computed {local(found.computed_at):%d %b %H:%M %Z}")
    return " · ".join(parts)


def open_rows(slug: str) -> None:
    """Show the rows behind a number, and say so in the address."""
    st.query_params.pop("rows_page", None)
    st.query_params["rows"] = slug


def close_rows() -> None:
    """Close the rows again."""
    for name in ("rows", "rows_page"):
        st.query_params.pop(name, None)


def rows_panel(filters: Filters) -> None:
    """The rows behind the number named in the address, over the page."""
    slug = st.query_params.get("rows", "")
    if slug in METRICS:
        st.dialog(f"Rows behind: {METRICS[slug].name}", width="large", on_dismiss=close_rows)(_rows)(
            slug, filters
        )


def _rows(slug: str, filters: Filters) -> None:
    """One page of the rows at a time from the server, with the sums of all of them."""
    st.caption(plain(METRICS[slug].formula))
    linked = operator_or_nobody().may("view_workspaces")
    with reading() as db:
        found = row_totals(db, slug, **filters.known, timezone=filters.state.timezone)
        count = found.n + found.pending
        if not count:
            st.info("No rows in this period.")
            return
        st.caption(
            "{told} · control sum {sum} · weight {weight:,} · {pending:,} pending".format(
                told=counted(count, "{n} row", "{n} rows"),
                sum=_control_sum(slug, found.value),
                weight=found.weight,
                pending=found.pending,
            )
        )
        page = url.page(-(-count // PAGE), key="rows_page")
        part = rows(
            db, slug, **filters.known, timezone=filters.state.timezone, limit=PAGE, offset=PAGE * (page - 1)
        )
    shown_rows = exports.frame(part)
    if METRICS[slug].unit == "cents":
        shown_rows = shown_rows.rename(columns={"value": "value_cents"})
    tables.show(shown_rows, key=f"rows_table_{slug}", linked=linked)
    exports.download(slug, filters, key="csv_all_rows", label="CSV of all rows")


def _control_sum(slug: str, value: Any) -> str:
    """The sum as it stands in the first line of the file, with its unit."""
    return f"{spreadsheet.number_text(value)}{' ' + 'cents' if METRICS[slug].unit == 'cents' else ''}"


def ask_for_fits(found: Sequence[Measure], filters: Filters) -> None:
    """Ask the worker for the intervals and estimates that it has not made yet, and go on asking for those shown."""
    fitted = [one for one in found if one.slug in FITTED]
    missing = [one for one in fitted if one.computed_at is None and one.low is None and one.n != 0]
    awaited.keep([_estimated(one, filters) for one in fitted if one.computed_at is not None])
    awaited.ask([_estimated(one, filters) for one in missing if not _told(one)])


def _estimated(found: Measure, filters: Filters) -> tuple[str, Selection]:
    return found.slug, filters.selection.within(found.start, found.end)


def _told(found: Measure) -> bool:
    """Whether the answer is known to be none."""
    return found.value is None and found.reason is not None and "computed" not in found.reason
