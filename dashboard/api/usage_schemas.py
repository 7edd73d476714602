"""What requests and answers about usage look like."""

from typing import Annotated, Any

from pydantic import Field

from dashboard.api.fields import Key, Minutes, RequestBody, Seconds, When, WorkspaceId
from dashboard.api.values import (
    BalanceSummaryResponse,
    Id,
    PercentUsed,
    ResetDate,
    ResponseBody,
)
from dashboard.server.problems import ProblemDocument

MAX_USES = 10_000


class BatchedUseRequest(RequestBody):
    """One use of minutes inside a batch."""

    workspace_id: WorkspaceId
    minutes: Minutes = 1
    key: Key
    at: When | None = None
    duration_seconds: Seconds | None = None


class TrackMinuteRequest(RequestBody):
    """One use of minutes. Send the key as `key` or in the header Idempotency-Key."""

    workspace_id: WorkspaceId
    minutes: Minutes = 1
    key: Key | None = None
    at: When | None = None
    duration_seconds: Seconds | None = None
    require_full: Annotated[
        bool,
        Field(
            description="All or nothing: refuse (402) a use that is not fully covered. Defaults to false.",
            examples=[False],
        ),
    ] = False


class TrackMinutesRequest(RequestBody):
    """Up to 10,000 uses, applied in this order. One bad use does not stop the others."""

    uses: Annotated[
        list[Any],
        Field(
            min_length=1,
            max_length=MAX_USES,
            description="The uses, each with its own key.",
            json_schema_extra={"items": {"$ref": f"#/components/schemas/{BatchedUseRequest.__name__}"}},
        ),
    ]


class UseResponse(BalanceSummaryResponse):
    """What one use drew, and what is left after it."""

    workspace_id: Id
    minutes: Annotated[int, Field(description="Minutes requested.", examples=[160])]
    from_plan: Annotated[int, Field(description="Minutes drawn from the plan.", examples=[160])]
    from_extra: Annotated[int, Field(description="Extra minutes drawn, oldest first.", examples=[0])]
    unmet_minutes: Annotated[
        int,
        Field(
            description="Minutes requested but not available. The balance is never negative.", examples=[0]
        ),
    ]
    percent_used: PercentUsed
    thresholds: Annotated[
        list[int], Field(description="All of 80, 90, 100 that this use crossed.", examples=[[]])
    ]
    warning: Annotated[int | None, Field(description="The highest of `thresholds`.", examples=[None])]
    allowed: Annotated[bool, Field(description="Whether nothing was unmet.", examples=[True])]
    repeated: Annotated[
        bool,
        Field(
            description="Whether this key was booked before; the response is the first one.", examples=[False]
        ),
    ]


class RefusedUseResponse(ResponseBody):
    """A use of a batch that was not booked, and why."""

    problem: ProblemDocument


class TrackMinutesResponse(ResponseBody):
    """One result for each use, in order."""

    results: Annotated[list[UseResponse | RefusedUseResponse], Field(description="Booked, or refused.")]


class LimitResponse(BalanceSummaryResponse):
    """Whether a use would be covered now."""

    allowed: Annotated[bool, Field(description="Whether the use would be covered in full.", examples=[True])]
    percent_used: PercentUsed
    warning: Annotated[
        int | None, Field(description="The highest of 80, 90, 100 that is reached now.", examples=[None])
    ]
    minutes_reset_date: ResetDate
    using_extra: Annotated[
        bool, Field(description="Whether the plan's minutes are used up.", examples=[False])
    ]
