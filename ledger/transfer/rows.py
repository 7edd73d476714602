"""Reads rows of mapped files for staging: our columns, or why a row can't be read."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from ledger.errors import ImportRefused, LedgerError
from ledger.minutes.workspaces import BILLING_CYCLES
from ledger.payments.purchases import new_purchase_id
from ledger.transfer.layouts import LAYOUTS, ORDER, columns_of
from ledger.transfer.mapping import FileMapping
from ledger.transfer.tables import Cells, Table
from ledger.transfer.values import BadCell, Reader, attribute, in_cents, reader_of

AHEAD_AT_MOST = timedelta(minutes=5)
PARTIAL = ("partial", "", None)
KEYS = {
    "workspaces": "workspace_id",
    "purchases": "purchase_id",
    "refunds": "refund_id",
    "disputes": "dispute_id",
}
TIMES = {"workspaces": "created_at", "plans": "started_at", "purchases": "paid_at"}
OWN_COLUMNS = ("workspace_id", "minutes", "duration_seconds", "booked_no", "key", "at")
CYCLES = {"month": "monthly", "year": "annual", "yearly": "annual", "annually": "annual"}


class StagedRow(NamedTuple):
    """One staged row; `reason`: why it is refused."""

    file: str
    line: int
    kind: str
    order: int
    workspace_id: str | None = None
    key: str | None = None
    at: datetime | None = None
    minutes: int | None = None
    duration_seconds: int | None = None
    booked_no: int | None = None
    body: str | None = None
    reason: str | None = None


class RowSource(Protocol):
    """Where staged rows come from."""

    @property
    def skipped(self) -> int:
        """How many rows were left out so far."""

    def rows(self) -> Iterator[StagedRow]:
        """Yield them in the order of the source."""


class RowReader:
    """Reads one file under its mapping; counts what it skips."""

    def __init__(self, table: Table, mapping: FileMapping, now: datetime) -> None:
        """Raise ImportRefused when the mapping names a header that the file doesn't have."""
        self._mapping, self._table = mapping, table
        self._latest = now + AHEAD_AT_MOST
        self._layout = LAYOUTS[mapping.kind]
        self._cells: list[tuple[str, int, Reader, Mapping[str, str] | None]] = []
        for ours, theirs in mapping.columns.items():
            self._cells.append((ours, self._place(theirs), self._reader(ours), mapping.values.get(ours)))
        self._constants = {ours: self._reader(ours)(value) for ours, value in mapping.constants.items()}
        self._only = [(self._place(theirs), set(values)) for theirs, values in mapping.only.items()]
        self._required = {column.name for column in self._layout.columns if column.required}
        self._copies: Counter[bytes] = Counter()
        self.skipped = 0

    def _place(self, header: str) -> int:
        if header not in self._table.headers:
            raise ImportRefused(f'["{self._mapping.file}"]: the file has no column {header!r}.')
        return self._table.headers.index(header)

    def _reader(self, ours: str) -> Reader:
        columns = columns_of(self._mapping.kind)
        return reader_of(columns[ours].form, self._mapping) if ours in columns else attribute

    def rows(self) -> Iterator[StagedRow]:
        """Yield the rows of each line of the file: one, or two for a payment with a refund."""
        for line, cells in self._table.rows():
            if cells is None:
                yield self._refused(
                    line, f"the header has {len(self._table.headers)} cells, this line has another number"
                )
            elif not self._is_wanted(cells):
                self.skipped += 1
            else:
                try:
                    yield from self._read(line, cells)
                except LedgerError as error:
                    yield self._refused(line, str(error))

    def _is_wanted(self, cells: Cells) -> bool:
        return all(str(cells[place]) in wanted for place, wanted in self._only)

    def _refused(self, line: int, reason: str) -> StagedRow:
        return StagedRow(self._mapping.file, line, self._layout.row, self._layout.order, reason=reason[:300])

    def _read(self, line: int, cells: Cells) -> Iterator[StagedRow]:
        values: dict[str, Any] = dict(self._constants)
        for ours, place, read, renamed in self._cells:
            cell = cells[place]
            if renamed:
                cell = renamed.get(str(cell).strip(), cell)
            if cell is None or cell == "":
                continue
            try:
                values[ours] = read(cell)
            except BadCell as error:
                raise BadCell(f"{ours}: {error}") from None
        if not self._required <= values.keys():
            raise BadCell(f"{', '.join(sorted(self._required - values.keys()))}: empty")
        if values.get("minutes") == 0 and self._layout.kind == "uses":
            self.skipped += 1
            return
        if row := self._staged(line, values):
            yield row
            if self._layout.kind == "uses":
                return
            yield from self._refund_beside(row, values)
            if self._layout.kind == "disputes" and values.get("closed_at"):
                yield row._replace(
                    kind="closed dispute",
                    order=ORDER["closed dispute"],
                    at=values["closed_at"],
                    booked_no=values.get("closed_no"),
                )

    def _staged(self, line: int, values: dict[str, Any]) -> StagedRow | None:
        kind = self._layout.kind
        self._in_our_words(values)
        at = values.get(TIMES.get(kind, "at")) or values.get("begun_at")
        if at is None:
            raise BadCell(f"{TIMES.get(kind, 'at')}: empty")
        if at > self._latest:
            raise BadCell(f"{at:%Y-%m-%d %H:%M} is in the future")
        key = values.get(KEYS.get(kind, "key"))
        row = self._layout.row
        if kind == "uses":
            if key is None and (key := self._key_of_content(values)) is None:
                self.skipped += 1
                return None
            row = "use" if values.get("policy") in PARTIAL else "single use"
        body = {name: _plain(value) for name, value in values.items() if name not in OWN_COLUMNS}
        if kind == "disputes":
            body["opened_at"] = _plain(at)
        if kind == "purchases":
            body["id"] = str(purchase_uuid(values["workspace_id"], str(key), at))
        return StagedRow(
            self._mapping.file,
            line,
            row,
            ORDER[row],
            values.get("workspace_id"),
            key or f"import:{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}",
            at,
            values.get("minutes"),
            values.get("duration_seconds"),
            values.get("booked_no"),
            json.dumps(body) if body else None,
        )

    def _in_our_words(self, values: dict[str, Any]) -> None:
        """Convert amounts to cents, and plans and cycles to our names. Raises BadCell for an unknown cycle."""
        if self._layout.kind == "uses":
            return
        currency = values.get("currency")
        for name in ("amount_cents", "refunded_cents", "fee_cents"):
            if isinstance(values.get(name), Decimal):
                values[name] = in_cents(values[name], currency or "usd", self._mapping.amounts)
        if self._layout.kind == "plans":
            values["plan"] = values["plan"].lower()
            cycle = values["billing_cycle"].lower()
            values["billing_cycle"] = CYCLES.get(cycle, cycle)
            if values["billing_cycle"] not in BILLING_CYCLES:
                raise BadCell(f"billing_cycle: {cycle!r} is neither monthly nor annual")
            if values.get("ended_at") and values["ended_at"] < values["started_at"]:
                raise BadCell("ended_at: before started_at")
        if self._layout.open_ended:
            own = columns_of(self._layout.kind)
            values["attributes"] = {name: values.pop(name) for name in list(values) if name not in own}

    def _key_of_content(self, values: Mapping[str, Any]) -> str | None:
        """Return a key for a use without an id, the same in every export; None for a copy that is dropped."""
        content = f"{values['workspace_id']}\n{values['at'].astimezone(UTC).isoformat()}\n{values['minutes']}"
        digest = hashlib.sha256(content.encode()).digest()[:12]
        self._copies[digest] += 1
        copy = self._copies[digest]
        if copy > 1 and self._mapping.duplicates == "drop":
            return None
        if copy > 1 and self._mapping.duplicates != "keep":
            raise BadCell("equals an earlier row and has no id: set `duplicates` to drop or keep")
        return f"import:{digest.hex()}:{copy}"

    def _refund_beside(self, row: StagedRow, values: Mapping[str, Any]) -> Iterator[StagedRow]:
        if self._layout.kind != "purchases" or not values.get("refunded_cents"):
            return
        refunded_at = values.get("refunded_at") or (values["paid_at"] if self._mapping.refund_time else None)
        if refunded_at is None:
            raise BadCell(
                "refunded_at: empty: set `refund_time` to choose when to book refunds without a date"
            )
        body = {"amount_cents": values["refunded_cents"], "purchase_id": row.key, "status": "succeeded"}
        yield StagedRow(
            row.file, row.line, "refund", ORDER["refund"], row.workspace_id, f"{row.key}:refunded", refunded_at,
            body=json.dumps(body),
        )  # fmt: skip


def purchase_uuid(workspace_id: str, purchase_id: str, at: datetime) -> UUID:
    """Return our id of a purchase made elsewhere: its own id if that is a uuid, otherwise one derived from it."""
    try:
        return UUID(purchase_id)
    except ValueError:
        return new_purchase_id(workspace_id, f"import:{purchase_id}", at)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
