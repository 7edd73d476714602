"""Everything in bulk, as NDJSON or CSV, over all workspaces, in pages that can be resumed after any line."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query
from pydantic import Field
from starlette.responses import Response
from typing_extensions import TypeAliasType

from dashboard.api.auth import GuardedRoute
from dashboard.api.fields import End, ReadTime, Start, WorkspaceId
from dashboard.api.purchase_schemas import PurchaseRecordResponse
from dashboard.api.responses import reads
from dashboard.api.statement import EntryResponse
from dashboard.api.values import Id, ResponseBody
from dashboard.clock import present
from dashboard.installation import reading
from dashboard.server.problems import Problem
from dashboard.server.threads import threads
from dashboard.spreadsheet import line
from ledger.errors import InvalidText
from ledger.minutes import ExportFilters
from ledger.minutes import export_rows as read_rows
from ledger.notify import utc

router = APIRouter(prefix="/api/exports", tags=["exports"], route_class=GuardedRoute)
MOST_ROWS = 100_000
NEXT_CURSOR, NEXT_SINCE = "Next-Cursor", "Next-Recorded-Since"
_MEDIA = {"ndjson": "application/x-ndjson", "csv": "text/csv"}
ExportRows = TypeAliasType(
    "ExportRows",
    Annotated[
        Literal["entries", "uses", "purchases"],
        Field(
            description="`entries`: every change of every balance; `uses`: those of uses, refused ones included; "
            "`purchases`: as they are now."
        ),
    ],
)
ExportFormat = TypeAliasType(
    "ExportFormat",
    Annotated[
        Literal["ndjson", "csv"],
        Field(
            description="`ndjson`: one JSON object in each line, exact. `csv`: names in the first line of each page; "
            "for spreadsheets, so a text that would run there as a formula gets an apostrophe."
        ),
    ],
)
Format = Annotated[ExportFormat, Query(description="Format of the response. Defaults to `ndjson`.")]
Cursor = Annotated[
    str | None,
    Query(
        min_length=3,
        max_length=200,
        pattern=r"^[A-Za-z0-9_.:-]+/[A-Za-z0-9-]+$",
        description="Continue after this row: the `Next-Cursor` header of the previous page, which is also "
        "`workspace_id/entry_no` (or `workspace_id/purchase_id`) of its last row.",
        examples=["acme/17"],
    ),
]
Since = Annotated[
    ReadTime | None,
    Query(
        description="Only what was booked or changed after this time: send `Next-Recorded-Since` of the previous "
        "export. A row may repeat; none is missed.",
    ),
]


class EntryRowResponse(EntryResponse):
    """One line of the exports of entries and uses."""

    workspace_id: Id


_MODELS: dict[str, type[ResponseBody]] = {
    "entries": EntryRowResponse,
    "uses": EntryRowResponse,
    "purchases": PurchaseRecordResponse,
}
_ROUTE = reads("balance:read", "invalid_cursor")
_ROUTE["responses"][200] = {
    "description": "The rows, ordered by workspace and number.",
    "content": {
        media: {"schema": {"type": "string", "description": "One row in each line."}}
        for media in _MEDIA.values()
    },
    "headers": {
        NEXT_CURSOR: {
            "description": "Send it as `after` to get the next page; absent on the last one.",
            "schema": {"type": "string"},
        },
        NEXT_SINCE: {
            "description": "Send it as `recorded_since` to get what came after this export.",
            "schema": {"type": "string", "format": "date-time"},
        },
    },
}


@router.get("/{rows}", summary="Export rows of all workspaces", response_class=Response, **_ROUTE)
async def export_rows(
    rows: Annotated[ExportRows, Path()],
    *,
    form: Annotated[
        ExportFormat, Query(alias="format", description="Format of the response. Defaults to `ndjson`.")
    ] = "ndjson",
    workspace_id: Annotated[WorkspaceId | None, Query(description="Only rows of this workspace.")] = None,
    start: Start = None,
    end: End = None,
    recorded_since: Since = None,
    after: Cursor = None,
    limit: Annotated[
        int, Query(ge=1, le=MOST_ROWS, description="Rows per page. Defaults to 10,000.")
    ] = 10_000,
) -> Response:
    """Return the rows of all workspaces, in pages that can be resumed after any row.

    `start` and `end` are business times; of purchases, the time when they were begun. A line of `ndjson` is an
    `EntryRow` (entries, uses) or a `PurchaseRecord`.
    """
    chosen = ExportFilters(workspace_id, start, end, recorded_since, after, limit)
    return await threads.run(_page, rows, form, chosen)


def _page(rows: str, form: str, chosen: ExportFilters) -> Response:
    with reading() as db:
        try:
            page = read_rows(db, rows, chosen, at=present())
        except InvalidText:
            raise Problem(
                "invalid_cursor", "after: this is not the `Next-Cursor` of a page of this export."
            ) from None
    model = _MODELS[rows]
    items = [model.model_validate(row) for row in page.rows]
    content = (
        _csv(model, items) if form == "csv" else "".join(f"{each.model_dump_json()}\n" for each in items)
    )
    headers = {NEXT_SINCE: utc(page.complete_to), **({NEXT_CURSOR: page.next} if page.next else {})}
    return Response(content, media_type=_MEDIA[form], headers=headers)


def _csv(model: type[ResponseBody], items: Iterable[ResponseBody]) -> str:
    names = list(model.model_fields)
    rows = (
        [utc(value) if isinstance(value, datetime) else value for value in vars(item).values()]
        for item in items
    )
    return "".join([line(names), *(line(row) for row in rows)])
