"""Files of all rows behind a number; the first line of CSV and the metadata of Parquet have count and control sum."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from functools import partial
from typing import Any

import pandas as pd

from dashboard import parquet
from dashboard.installation import reading
from dashboard.kit import tables
from dashboard.kit.filters import Filters
from dashboard.spreadsheet import lines, number_text
from dashboard.text import counted
from ledger.experiments import HoldOut, count_arms, each_arm
from ledger.metrics import METRICS, each_row, row_totals
from ledger.payments import PurchaseFilters, each_purchase, price_test_arm, purchase_totals


def frame(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Return rows as a frame for the screen, with decimals as floats for the browser."""
    return pd.DataFrame(
        [{name: float(v) if isinstance(v, Decimal) else v for name, v in row.items()} for row in rows]
    )


WriteRows = Callable[[Iterable[Mapping[str, Any]], str], bytes]
"""Returns a file of rows and a line with their count and control sum."""


def as_csv(rows: Iterable[Mapping[str, Any]], head: str) -> bytes:
    """Return rows as a CSV file under a first line."""
    return "".join(lines(iter(rows), head)).encode("utf-8-sig")


def offer(label: str, make: Callable[[WriteRows], bytes], file_name: str, *, key: str, **look: Any) -> None:
    """Offer what `make` writes as CSV and as Parquet."""
    tables.offer_files(
        label, partial(make, as_csv), partial(make, parquet.of_rows), file_name, key=key, **look
    )


def of_rows(slug: str, chosen: Mapping[str, Any], write: WriteRows = as_csv) -> bytes:
    """Return the whole file: every row of one snapshot."""
    with reading() as db:
        total = row_totals(db, slug, **chosen)
        head = (
            f"{slug} v{METRICS[slug].version}; rows {total.n + total.pending}; pending {total.pending}; "
            f"control sum {number_text(total.value)}; weight {total.weight}; as of {chosen['as_of'].isoformat()}"
        )
        return write(each_row(db, slug, **chosen), head)


def download(slug: str, filters: Filters, *, key: str, label: str | None = None) -> None:
    """Offer the rows behind a number as a file."""
    file_name = f"{slug}-{filters.period.first}-{filters.period.last}.csv"
    offer(label or "CSV", partial(of_rows, slug, filters.rows_of(slug)), file_name, key=key, type="tertiary")


def download_purchases(wanted: PurchaseFilters, *, key: str) -> None:
    """Offer all purchases of a selection as a file."""
    offer("CSV of all purchases", partial(of_purchases, wanted), "purchases.csv", key=key)


def of_purchases(wanted: PurchaseFilters, write: WriteRows = as_csv) -> bytes:
    """Return every purchase of a selection, with count and control sum in the first line."""
    with reading() as db:
        sums = purchase_totals(db, wanted)
        control_sum = ", ".join(f"{total.amount_cents} {total.currency}" for total in sums)
        head = f"purchases; rows {sum(total.purchases for total in sums)}; control sum {control_sum or 0}"
        return write(each_purchase(db, wanted), head)


def download_arms(hold_out: HoldOut, *, key: str) -> None:
    """Offer the arms of all workspaces of a hold-out as a file."""
    offer("Arms as CSV", partial(of_arms, hold_out), f"{hold_out.name}.csv", key=key)


def of_arms(hold_out: HoldOut, write: WriteRows = as_csv) -> bytes:
    """Return every workspace of the hold-out's source with its arm, by id; the first line counts them."""
    with reading() as db:
        rows, control = count_arms(db, hold_out)
        head = f"arms of {hold_out.name}; rows {rows}; control {control}"
        return write(each_arm(db, hold_out), head)


def download_test_arms(test: str, arms: Sequence[str], workspace_ids: Sequence[str], *, key: str) -> None:
    """Offer the arms of all these workspaces in a price test as a file."""
    label = counted(len(workspace_ids), "Arms as CSV ({n} workspace)", "Arms as CSV ({n} workspaces)")
    offer(label, partial(of_test_arms, test, arms, workspace_ids), f"{test}.csv", key=key)


def of_test_arms(
    test: str, arms: Sequence[str], workspace_ids: Sequence[str], write: WriteRows = as_csv
) -> bytes:
    """Return every workspace with its arm, in the order given; the first line counts them."""
    rows = [{"workspace_id": each, "arm": price_test_arm(each, test, tuple(arms))} for each in workspace_ids]
    sizes = "; ".join(f"{arm} {sum(row['arm'] == arm for row in rows)}" for arm in arms)
    return write(rows, f"arms of {test}; rows {len(rows)}; {sizes}")
