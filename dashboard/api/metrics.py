"""The numbers of the dashboard over HTTP: the same definitions, the same measurement."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Path, Query
from sqlalchemy import Connection

from dashboard import installation
from dashboard.api.auth import GuardedRoute
from dashboard.api.fields import (
    EARLIEST,
    AttributeFilter,
    BillingCycle,
    PackageCode,
    PlanCode,
    ReadTime,
    Source,
    attribute_filters,
)
from dashboard.api.metric_schemas import (
    ClosedMonthResponse,
    DefinitionResponse,
    DefinitionsResponse,
    MeasureResponse,
)
from dashboard.api.plans import require_plan
from dashboard.api.responses import reads
from dashboard.clock import present
from dashboard.installation import reading, writing
from dashboard.server.threads import threads
from ledger.desk import sources
from ledger.minutes import require_attributes

if TYPE_CHECKING:
    from ledger.metrics import Measure, MetricFilters

router = APIRouter(prefix="/api/metrics", tags=["metrics"], route_class=GuardedRoute)
Slug = Annotated[
    str,
    Path(
        pattern=r"^[a-z0-9-]{1,64}$", description="Name of the metric in addresses.", examples=["conversion"]
    ),
]


OfCurrency = Annotated[
    str | None,
    Query(
        pattern=r"^[a-z]{3}$",
        description="Only amounts in this currency. Required to group an amount that has several currencies.",
        examples=["usd"],
    ),
]
By = Annotated[
    str | None,
    Query(
        pattern=r"^[a-z][a-z0-9_]{0,39}$",
        description="Group by plan, billing_cycle, package, currency, day, week, month or any attribute; liability "
        "also by `part`.",
        examples=["country"],
    ),
]


@router.get("", summary="List metrics", **reads("metrics:read"))
async def list_metrics() -> DefinitionsResponse:
    """Return the definition of every metric."""
    return await threads.run(_definitions)


@router.get(
    "/{slug}",
    summary="Measure a metric",
    **reads("metrics:read", "unknown_metric", "unknown_plan", "unknown_attribute"),
)
async def get_metric(
    slug: Slug,
    *,
    start: Annotated[ReadTime | None, Query(description="From this time on. Omit for the beginning.")] = None,
    end: Annotated[ReadTime | None, Query(description="Before this time. Omit for now.")] = None,
    source: Annotated[Source | None, Query(description="Defaults to the installation's own source.")] = None,
    plan: Annotated[PlanCode | None, Query(description="Only workspaces on this plan.")] = None,
    billing_cycle: Annotated[
        BillingCycle | None, Query(description="Only workspaces with this billing cycle.")
    ] = None,
    package: Annotated[PackageCode | None, Query(description="Only purchases of this package.")] = None,
    currency: OfCurrency = None,
    attribute: AttributeFilter = None,
    by: By = None,
) -> MeasureResponse:
    """Measure one metric over [start, end), as known now.

    Some estimates take seconds: the first request starts them and returns `ready: false`.
    """
    now = present()
    filters: MetricFilters = {
        "plan": plan,
        "billing_cycle": billing_cycle,
        "package": package,
        "currency": currency,
    }
    filters["attributes"] = attribute_filters(attribute)
    period = (start or EARLIEST, end or now)
    return await threads.run(_measure, slug, period, now, source=source, by=by, filters=filters)


def _definitions() -> DefinitionsResponse:
    from ledger.metrics import METRICS  # noqa: PLC0415 - statistics load slowly; only who asks for them waits

    return DefinitionsResponse(items=[DefinitionResponse.model_validate(each) for each in METRICS.values()])


def _measure(
    slug: str,
    period: tuple[datetime, datetime],
    now: datetime,
    *,
    source: str | None,
    by: str | None,
    filters: "MetricFilters",
) -> MeasureResponse:
    from ledger.metrics import PARTS, measure, metric_of  # noqa: PLC0415

    start, end = period
    metric_of(slug)
    with reading() as db:
        require_plan(db, filters["plan"])
        require_attributes(db, [*filters["attributes"], *([] if by in (None, *PARTS) else [by])])
        chosen = source or _own_source(sources(db))
        number = measure(db, slug, start=start, end=end, as_of=now, source=chosen, by=by, **filters)
        answer = MeasureResponse.model_validate(number)
        answer.ready = not number.awaits_estimate
        if not any(filters.values()):
            answer.closed = _as_closed(db, number, now)
    if number.awaits_estimate:
        _ask_for(number, filters, now)
    return answer


def _as_closed(db: Connection, number: "Measure", now: datetime) -> ClosedMonthResponse | None:
    """Return what the number was when its month closed; None when it is of no closed month."""
    from ledger.metrics import closed_number, rollup_state  # noqa: PLC0415

    month = closed_number(
        db,
        number.slug,
        start=number.start,
        end=number.end,
        timezone=rollup_state(db).timezone,
        source=number.source,
        as_of=now,
        currency=number.currency,
    )
    if month is None:
        return None
    first = month.closed
    value = None if first.causes else first.value
    return ClosedMonthResponse(value=value, as_of=first.as_of, revision=month.now.revision)


def _ask_for(number: "Measure", filters: "MetricFilters", now: datetime) -> None:
    """Ask the worker for an estimate that is missing."""
    from ledger.metrics import Selection, want_fits  # noqa: PLC0415

    chosen = Selection(
        number.start,
        number.end,
        number.as_of or now,
        number.source,
        plan=filters["plan"],
        billing_cycle=filters["billing_cycle"],
        attributes=filters["attributes"],
    )
    with writing() as db:
        want_fits(db, [(number.slug, chosen)], at=now)


def _own_source(sources_present: frozenset[str]) -> str:
    """Return the installation's own source; in a demo database the demo. Pages choose alike."""
    return (
        "demo"
        if "demo" in sources_present and "live" not in sources_present
        else installation.settings().mode
    )
