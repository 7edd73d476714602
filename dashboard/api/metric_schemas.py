"""What answers about metrics look like."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypeAliasType

from dashboard.api.fields import Source
from dashboard.api.values import A_TIME, ResponseBody

MetricUnit = TypeAliasType(
    "MetricUnit",
    Annotated[
        Literal["percent", "points", "minutes", "cents", "days", "seconds"],
        Field(
            description="`percent` is 42.9 for 42.9%; `points` are their differences; `cents` come with a currency."
        ),
    ],
)
BetterDirection = TypeAliasType(
    "BetterDirection",
    Annotated[Literal["up", "down", "none"], Field(description="Which direction is good.")],
)
SlugValue = Annotated[str, Field(description="Name of the metric in addresses.", examples=["conversion"])]
Currencies = Annotated[
    str | None,
    Field(description="Currency of an amount in cents: three lower-case letters.", examples=[None]),
]


class DefinitionResponse(ResponseBody):
    """What a metric means."""

    slug: SlugValue
    name: Annotated[str, Field(description="Name of the metric.", examples=["Conversion after a limit hit"])]
    unit: Annotated[MetricUnit, Field(examples=["percent"])]
    formula: Annotated[
        str,
        Field(
            description="How the metric is calculated.",
            examples=["matured hitters who bought / matured hitters"],
        ),
    ]
    better: Annotated[BetterDirection, Field(examples=["up"])]
    period: Annotated[
        str, Field(description="The event whose time must lie in [start, end).", examples=["first limit hit"])
    ]
    version: Annotated[int, Field(description="Version of the definition.", examples=[1])]


class DefinitionsResponse(ResponseBody):
    """All metrics."""

    items: Annotated[list[DefinitionResponse], Field(description="All metrics.")]


class ClosedMonthResponse(ResponseBody):
    """The number of a month as it was when the month closed."""

    value: Annotated[float | None, Field(description="The value; null when unknown.", examples=[41.8])]
    as_of: Annotated[datetime, Field(description="When the month closed.", examples=[A_TIME])]
    revision: Annotated[
        int,
        Field(
            description="1 when no later reading differs, else the number of the last reading.",
            examples=[1],
        ),
    ]


class MetricPartResponse(ResponseBody):
    """The same number for one plan, package, month or segment."""

    part: Annotated[
        str | None,
        Field(
            description="The group; null for rows without one, such as workspaces without a plan.",
            examples=["starter"],
        ),
    ]
    value: Annotated[float | None, Field(description="The value, in `unit`.", examples=[41.2])]
    currency: Currencies
    n: Annotated[int | None, Field(description="Sample size.", examples=[85])]
    low: Annotated[float | None, Field(description="Lower end of the 95% interval.", examples=[31.3])]
    high: Annotated[float | None, Field(description="Upper end of the 95% interval.", examples=[51.8])]
    pending: Annotated[int, Field(description="Rows that are not complete yet.", examples=[4])]


class MeasureResponse(ResponseBody):
    """A number with its interval; `value` is null when it cannot be given honestly, and `reason` says why."""

    slug: SlugValue
    value: Annotated[float | None, Field(description="The value, in `unit`.", examples=[42.9])]
    unit: Annotated[MetricUnit, Field(examples=["percent"])]
    currency: Currencies
    n: Annotated[int | None, Field(description="Sample size.", examples=[140])]
    low: Annotated[float | None, Field(description="Lower end of the 95% interval.", examples=[35.0])]
    high: Annotated[float | None, Field(description="Upper end of the 95% interval.", examples=[51.2])]
    pending: Annotated[int, Field(description="Rows that are not complete yet.", examples=[12])]
    as_of: Annotated[datetime, Field(description="The value as known at this time.", examples=[A_TIME])]
    definition_version: Annotated[int, Field(description="Version of the definition.", examples=[1])]
    source: Annotated[Source, Field(examples=["live"])]
    start: Annotated[datetime, Field(description="Start of the period.", examples=["2026-01-01T00:00:00Z"])]
    end: Annotated[datetime, Field(description="End of the period, exclusive.", examples=[A_TIME])]
    reason: Annotated[str | None, Field(description="Why there is no value.", examples=[None])]
    ready: Annotated[
        bool,
        Field(
            description="False while the value or its interval is being computed; retry in a few seconds.",
            examples=[True],
        ),
    ] = True
    basis: Annotated[
        str | None, Field(description="The level of evidence behind an estimate.", examples=[None])
    ] = None
    kind: Annotated[
        str | None,
        Field(description="Whether an estimate is an effect or an adjusted association.", examples=[None]),
    ] = None
    parts: Annotated[
        list[MetricPartResponse],
        Field(
            description="The value per group of `by`. Without `by`, one item per currency when an amount has several: "
            "currencies are never added.",
            examples=[[]],
        ),
    ] = Field(default_factory=list)
    closed: Annotated[
        ClosedMonthResponse | None,
        Field(
            description="Only for exactly one month of the report time zone that has closed, without other filters.",
            examples=[None],
        ),
    ] = None
