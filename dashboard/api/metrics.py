"""The numbers of the dashboard over HTTP: the same definitions, the same measurement."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query
from pydantic import Field

from dashboard import installation
from dashboard.api.auth import GuardedRoute, needs
from dashboard.api.fields import EARLIEST, ReadTime, Told
from dashboard.api.responses import problems
from dashboard.clock import present
from dashboard.installation import reading
from dashboard.server.threads import threads
from ledger.desk.search import sources

router = APIRouter(prefix="/api/metrics", tags=["metrics"], route_class=GuardedRoute)
Slug = Annotated[str, Path(pattern=r"^[a-z0-9-]{1,64}$", examples=["conversion"])]
Source = Literal["live", "stripe_test", "sandbox", "demo"]


class DefinitionTold(Told):
    """What a metric means."""

    slug: str
    name: str
    unit: Annotated[str, Field(description="percent (42.9), minutes, cents, days or seconds.")]
    formula: str
    better: Annotated[str, Field(description="Which direction is good: up, down or none.")]
    period: Annotated[str, Field(description="Which moment has to lie in [start, end).")]
    version: int


class DefinitionsTold(Told):
    """All metrics."""

    items: list[DefinitionTold]


class ClosedTold(Told):
    """The number of a month as it was when the month closed."""

    value: float | None
    as_of: datetime
    revision: Annotated[
        int, Field(description="1: nothing that was read later differs; else the number of the last reading.")
    ]


class MeasureTold(Told):
    """A number with its interval; `value` is null when it cannot be given honestly, and `reason` says why."""

    slug: str
    value: float | None
    unit: str
    currency: str | None
    n: Annotated[int | None, Field(description="What the number rests on.")]
    low: float | None
    high: float | None
    pending: Annotated[int, Field(description="Not old enough to count yet.")]
    as_of: datetime
    definition_version: int
    source: str
    start: datetime
    end: datetime
    reason: str | None
    closed: Annotated[
        ClosedTold | None,
        Field(
            description="Only for exactly one month of the report time zone that has closed, of all plans."
        ),
    ] = None


@router.get("", summary="Definitions", responses=problems(), openapi_extra=needs("metrics:read"))
async def definitions() -> DefinitionsTold:
    """Give what every metric means."""
    return await threads.run(_definitions)


@router.get("/{slug}", summary="A number", responses=problems(404), openapi_extra=needs("metrics:read"))
async def number(
    slug: Slug,
    start: Annotated[ReadTime | None, Query(description="From here; without it: from the beginning.")] = None,
    end: Annotated[ReadTime | None, Query(description="Up to, not including; without it: now.")] = None,
    source: Annotated[Source | None, Query(description="Without it: that of the installation.")] = None,
    plan: Annotated[Literal["starter", "pro"] | None, Query()] = None,
) -> MeasureTold:
    """Measure one metric over [start, end), as known now."""
    now = present()
    period = (start or EARLIEST, end or now)
    return await threads.run(_measure, slug, period, now, source=source, plan=plan)


def _definitions() -> DefinitionsTold:
    from ledger.metrics import METRICS  # noqa: PLC0415 - statistics load slowly; only who asks for them waits

    return DefinitionsTold(items=[DefinitionTold.model_validate(each) for each in METRICS.values()])


def _measure(
    slug: str, period: tuple[datetime, datetime], now: datetime, *, source: str | None, plan: str | None
) -> MeasureTold:
    from ledger.metrics import measure  # noqa: PLC0415
    from ledger.metrics.closed_months import closed_number  # noqa: PLC0415 - as above
    from ledger.metrics.sums import rollup_state  # noqa: PLC0415

    start, end = period
    with reading() as db:
        chosen = source or _own_source(sources(db))
        number = measure(db, slug, start=start, end=end, as_of=now, source=chosen, plan=plan)
        told = MeasureTold.model_validate(number)
        if plan is None:
            month = closed_number(
                db,
                slug,
                start=start,
                end=end,
                timezone=rollup_state(db).timezone,
                source=chosen,
                as_of=now,
                currency=number.currency,
            )
            if month is not None:
                first = month.closed
                value = None if first.causes else first.value
                told.closed = ClosedTold(value=value, as_of=first.as_of, revision=month.now.revision)
        return told


def _own_source(held: frozenset[str]) -> str:
    """The installation's own source; in a demo database the demo. The screens choose alike."""
    return "demo" if "demo" in held and "live" not in held else installation.settings().mode
