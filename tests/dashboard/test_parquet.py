"""A Parquet file has the rows of the CSV file, with their types and their control sum."""

import io
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

import pandas as pd
import pyarrow as pa
from pyarrow import parquet as files
from sqlalchemy import Engine

from dashboard import parquet
from dashboard.kit import exports
from ledger.database import writing
from ledger.metrics.rollups import refresh_rollups
from ledger.payments.sales import PurchaseFilters
from tests import random_company
from tests.dashboard.kit.test_exports import parsed
from tests.pages import visits
from tests.random_company import AS_OF, BEGIN

MOMENT = datetime(2026, 3, 1, 12, tzinfo=UTC)


def read(content: bytes) -> pa.Table:
    return files.read_table(io.BytesIO(content))


def test_columns_have_the_type_of_their_values() -> None:
    rows = [
        {"at": MOMENT, "cents": 999, "share": Decimal("1.50"), "id": UUID(int=1), "tags": ["a"], "mixed": 1},
        {"at": None, "cents": None, "share": Decimal(2), "id": UUID(int=2), "tags": [], "mixed": "two"},
    ]
    table = read(parquet.of_rows(rows, "rows 2"))
    assert table.schema.metadata[parquet.CONTROL_SUM] == b"rows 2"
    assert str(table.schema.field("at").type) == "timestamp[us, tz=UTC]"
    assert pa.types.is_integer(table.schema.field("cents").type)
    assert pa.types.is_decimal(table.schema.field("share").type)
    first, second = table.to_pylist()
    assert (first["at"], first["cents"], first["share"]) == (MOMENT, 999, Decimal("1.50"))
    assert (second["at"], second["cents"]) == (None, None)
    assert [first["id"], second["id"]] == [str(row["id"]) for row in rows]
    assert [first["tags"], second["tags"]] == ['["a"]', "[]"]
    assert [first["mixed"], second["mixed"]] == ["1", "two"]


def test_a_frame_keeps_its_gaps_and_nothing_is_changed_for_spreadsheets() -> None:
    frame = pd.DataFrame(
        {"name": ["=1+1", None], "n": [1.5, float("nan")], "at": [pd.Timestamp(MOMENT), pd.NaT]}
    )
    first, second = read(parquet.of_frame(frame)).to_pylist()
    assert first == {"name": "=1+1", "n": 1.5, "at": MOMENT}
    assert second == {"name": None, "n": None, "at": None}
    assert read(parquet.of_frame(pd.DataFrame({"name": []}))).num_rows == 0


def test_both_files_of_a_number_and_of_purchases_have_the_same_rows_and_control_sum(engine: Engine) -> None:
    with writing(engine) as db:
        random_company.live_through(db, seed=31, workspaces=6, things=25)
        refresh_rollups(db, at=AS_OF)
    visits.use(engine)
    selection = {"start": BEGIN, "end": AS_OF, "as_of": AS_OF, "source": "sandbox"}
    for made in (
        lambda *form: exports.of_rows("revenue-net", selection, *form),
        lambda *form: exports.of_purchases(PurchaseFilters(start=BEGIN, end=AS_OF, source="sandbox"), *form),
    ):
        [head], names, *rows = parsed(made())
        table = read(made(parquet.of_rows))
        assert table.schema.metadata[parquet.CONTROL_SUM].decode() == head
        assert (table.column_names, table.num_rows) == (names, len(rows))
        assert len(rows) > 5
