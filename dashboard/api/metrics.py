"""The numbers of the dashboard over HTTP: the same definitions, the same measurement."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query
from pydantic import Field
from typing_extensions import TypeAliasType

from dashboard import installation
from dashboard.api.auth import GuardedRoute
from dashboard.api.fields import EARLIEST, PlanCode, ReadTime, Source
from dashboard.api.plans import require_plan
from dashboard.api.responses import reads
from dashboard.api.values import A_TIME, ResponseBody
from dashboard.clock import present
from dashboard.installation import reading
from dashboard.server.threads import threads
from ledger.desk import sources

router = APIRouter(prefix="/api/metrics", tags=["metrics"], route_class=GuardedRoute)
Slug = Annotated[
    str,
    Path(
        pattern=r"^[a-z0-9-]{1,64}$", description="Name of the metric in addresses.", examples=["conversion"]
    ),
]
MetricUnit = TypeAliasType(
    "MetricUnit",
    Annotated[
        Literal["percent", "points", "minutes", "cents", "days", "seconds"],
        Field(
            description="`percent` is 42.9 for 42.9 %; `points` its differences; `cents` comes with a currency."
        ),
    ],
)
BetterDirection = TypeAliasType(
    "BetterDirection",
    Annotated[Literal["up", "down", "none"], Field(description="Which direction is good.")],
)
SlugValue = Annotated[str, Field(description="Name of the metric in addresses.", examples=["conversion"])]
Currencies = Annotated[
    str | None, Field(description="Of an amount in cents, three lower-case letters.", examples=[None])
]


class DefinitionResponse(ResponseBody):
    """What a metric means."""

    slug: SlugValue
    name: Annotated[str, Field(description="Its name.", examples=["Conversion after a limit hit"])]
    unit: Annotated[MetricUnit, Field(examples=["percent"])]
    formula: Annotated[
        str,
        Field(
            description="How it is calculated, in words.",
            examples=["matured hitters who bought / matured hitters"],
        ),
    ]
    better: Annotated[BetterDirection, Field(examples=["up"])]
    period: Annotated[
        str, Field(description="Which moment has to lie in [start, end).", examples=["first limit hit"])
    ]
    version: Annotated[int, Field(description="Version of the definition.", examples=[1])]


class DefinitionsResponse(ResponseBody):
    """All metrics."""

    items: Annotated[list[DefinitionResponse], Field(description="All of them.")]


class ClosedMonthResponse(ResponseBody):
    """The number of a month as it was when the month closed."""

    value: Annotated[
        float | None, Field(description="The number; null when it cannot be given.", examples=[41.8])
    ]
    as_of: Annotated[datetime, Field(description="When the month closed.", examples=[A_TIME])]
    revision: Annotated[
        int,
        Field(
            description="1: nothing that was read later differs; else the number of the last reading.",
            examples=[1],
        ),
    ]


class MeasureResponse(ResponseBody):
    """A number with its interval; `value` is null when it cannot be given honestly, and `reason` says why."""

    slug: SlugValue
    value: Annotated[float | None, Field(description="The number, in `unit`.", examples=[42.9])]
    unit: Annotated[MetricUnit, Field(examples=["percent"])]
    currency: Currencies
    n: Annotated[int | None, Field(description="What the number rests on.", examples=[140])]
    low: Annotated[float | None, Field(description="Lower end of the 95 % interval.", examples=[35.0])]
    high: Annotated[float | None, Field(description="Upper end of the 95 % interval.", examples=[51.2])]
    pending: Annotated[int, Field(description="Not old enough to count yet.", examples=[12])]
    as_of: Annotated[datetime, Field(description="What was known by then counts.", examples=[A_TIME])]
    definition_version: Annotated[int, Field(description="Version of the definition.", examples=[1])]
    source: Annotated[Source, Field(examples=["live"])]
    start: Annotated[datetime, Field(description="Begin of the period.", examples=["2026-01-01T00:00:00Z"])]
    end: Annotated[datetime, Field(description="End of the period, not included.", examples=[A_TIME])]
    reason: Annotated[str | None, Field(description="Why there is no value.", examples=[None])]
    basis: Annotated[
        str | None, Field(description="The level of evidence behind an estimate.", examples=[None])
    ] = None
    kind: Annotated[
        str | None,
        Field(description="Whether an estimate is an effect or an adjusted association.", examples=[None]),
    ] = None
    closed: Annotated[
        ClosedMonthResponse | None,
        Field(
            description="Only for exactly one month of the report time zone that has closed, of all plans.",
            examples=[None],
        ),
    ] = None


@router.get("", summary="List metrics", **reads("metrics:read"))
async def list_metrics() -> DefinitionsResponse:
    """Return what every metric means."""
    return await threads.run(_definitions)


@router.get("/{slug}", summary="Measure a metric", **reads("metrics:read", "unknown_metric", "unknown_plan"))
async def get_metric(
    slug: Slug,
    start: Annotated[
        ReadTime | None, Query(description="From this time on; leave it out for the beginning.")
    ] = None,
    end: Annotated[ReadTime | None, Query(description="Before this time; leave it out for now.")] = None,
    source: Annotated[
        Source | None, Query(description="Leave it out for the installation's own source.")
    ] = None,
    plan: Annotated[PlanCode | None, Query(description="Only workspaces on this plan.")] = None,
) -> MeasureResponse:
    """Measure one metric over [start, end), as known now."""
    now = present()
    period = (start or EARLIEST, end or now)
    return await threads.run(_measure, slug, period, now, source=source, plan=plan)


def _definitions() -> DefinitionsResponse:
    from ledger.metrics import METRICS  # noqa: PLC0415 - statistics load slowly; only who asks for them waits

    return DefinitionsResponse(items=[DefinitionResponse.model_validate(each) for each in METRICS.values()])


def _measure(
    slug: str, period: tuple[datetime, datetime], now: datetime, *, source: str | None, plan: str | None
) -> MeasureResponse:
    from ledger.metrics import closed_number, measure, rollup_state  # noqa: PLC0415

    start, end = period
    with reading() as db:
        require_plan(db, plan)
        chosen = source or _own_source(sources(db))
        number = measure(db, slug, start=start, end=end, as_of=now, source=chosen, plan=plan)
        answer = MeasureResponse.model_validate(number)
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
                answer.closed = ClosedMonthResponse(
                    value=value, as_of=first.as_of, revision=month.now.revision
                )
        return answer


def _own_source(sources_present: frozenset[str]) -> str:
    """Return the installation's own source; in a demo database the demo. Pages choose alike."""
    return (
        "demo"
        if "demo" in sources_present and "live" not in sources_present
        else installation.settings().mode
    )
