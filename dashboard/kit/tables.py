"""Tables: one way to show a frame, safe against malicious cells, with a CSV that is safe to open and a Parquet file."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st
from babel.dates import get_date_format

from dashboard import installation, parquet, spreadsheet, url
from dashboard.kit import states
from dashboard.text import locale, spaced
from ledger.money import digits_of

WORKSPACE = "/workspace?id="


def safe(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame with every text cell made harmless for spreadsheets."""
    texts = frame.select_dtypes(include=["object", "string"]).columns
    return frame.assign(**{str(name): frame[name].map(_harmless) for name in texts})


def _harmless(value: Any) -> Any:
    return spreadsheet.guarded(value) if isinstance(value, str) else value


def csv(frame: pd.DataFrame) -> bytes:
    """Return the frame as a CSV file."""
    return spreadsheet.of_frame(frame)


def from_rows(rows: Sequence[Any], columns: Sequence[str]) -> pd.DataFrame:
    """Return a frame of dataclass rows with these fields as columns, even when there are no rows."""
    return pd.DataFrame(
        {name: spreadsheet.typed_column([getattr(row, name) for row in rows]) for name in columns},
        columns=list(columns),
    )


def show(
    frame: pd.DataFrame,
    *,
    key: str,
    file_name: str | None,
    columns: Mapping[str, Any] | None = None,
    empty: str = "",
    linked: bool = False,
    **options: Any,
) -> Any:
    """Show a frame, or the sentence `empty` when it has no rows; returns st.dataframe's answer.

    `columns`: Streamlit column configuration, in the order to show; other columns are not sent. Without it all
    columns that hold anything are shown, under readable names. `file_name`: of the CSV that it offers; None: the page
    offers the whole list itself. `linked`: the ids in the
    column `workspace_id` lead to the Workspace page (for people who may open it).
    """
    if frame.empty:
        st.caption(empty or "Nothing here.")
        return None
    columns = dict(columns or plain_columns(frame))
    shown = frame[list(columns)]
    if linked and "workspace_id" in columns:
        shown = _linked(shown)
        columns["workspace_id"] = st.column_config.LinkColumn("Workspace", display_text=r"id=(.*)")
    answer = st.dataframe(
        _with_states(safe(shown), columns),
        key=key,
        column_config=columns,
        hide_index=True,
        width="stretch",
        placeholder="",
        **options,
    )
    if file_name:
        offer(frame, file_name, key=f"{key}_csv")
    return answer


def _with_states(frame: pd.DataFrame, columns: Mapping[str, Any]) -> pd.DataFrame:
    """Return the frame with the cells of state columns as Streamlit wants them."""
    coloured = [name for name, look in columns.items() if states.shows(look)]
    return frame.assign(
        **{name: pd.Series(states.cells(frame[name]), index=frame.index) for name in coloured}
    )


def show_words(
    columns: Mapping[str, Sequence[str]], *, key: str, file_name: str, file: pd.DataFrame | None = None
) -> None:
    """Show a short table of words by heading, and offer it as CSV; `file`: what the CSV has in its place."""
    st.table(columns, border="horizontal")
    offer(pd.DataFrame(columns) if file is None else file, file_name, key=f"{key}_csv")


def offer(frame: pd.DataFrame, file_name: str, *, key: str) -> None:
    """Offer the frame as a file, for spreadsheets and for programs."""
    offer_files("CSV", lambda: csv(frame), lambda: parquet.of_frame(frame), file_name, key=key)


def offer_files(
    label: str,
    as_csv: Callable[[], bytes],
    as_parquet: Callable[[], bytes],
    file_name: str,
    *,
    key: str,
    **look: Any,
) -> None:
    """Draw the buttons of the CSV file `file_name` and, beside it, of the same rows as Parquet."""
    parquet_name = f"{file_name.removesuffix('.csv')}.parquet"
    with st.container(horizontal=True):
        download_button(label, as_csv, file_name, key=key, **look)
        download_button("Parquet", as_parquet, parquet_name, key=f"{key}_parquet", **look)


def download_button(label: str, make: Callable[[], bytes], file_name: str, *, key: str, **look: Any) -> None:
    """Draw the download button of a CSV or Parquet file that is generated on click."""
    st.download_button(
        label,
        data=make,
        file_name=file_name,
        mime="application/vnd.apache.parquet" if file_name.endswith(".parquet") else "text/csv",
        key=key,
        icon=":material/download:",
        on_click="ignore",
        **{"type": "tertiary", **look},
    )


def _linked(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame with links to Workspace pages in place of ids."""
    ids = frame["workspace_id"]
    links: list[Any] = [WORKSPACE + one if isinstance(one, str) and one else None for one in ids]
    return frame.assign(workspace_id=links)


def plain_columns(frame: pd.DataFrame) -> dict[str, Any]:
    """Return columns for the fields that have a value: times as times, names in words (`paid_at` is `Paid`)."""
    filled = frame.replace("", None).dropna(axis="columns", how="all")
    return {
        name: when(heading(name)) if pd.api.types.is_datetime64_any_dtype(filled[name]) else heading(name)
        for name in filled.columns
    }


def heading(name: str) -> str:
    """Return the default heading of a column: `refunded_cents` is `Refunded (cents)`."""
    words = spaced(name.removesuffix("_id").removesuffix("_at")).capitalize()
    if words == "At":
        return "When"
    return f"{words.removesuffix(' cents')} (cents)" if words.endswith(" cents") else words


def paging(key: str, older: str | None) -> None:
    """Draw buttons to older rows and back to the newest; the address keeps the place in `before`.

    `older` names the last row shown, None: there are no more.
    """
    with st.container(horizontal=True):
        if url.parameter("before"):
            st.button("Newest", key=f"{key}_newest", on_click=url.put, args=("before", ""))
        if older:
            st.button("Older", key=f"{key}_older", on_click=url.put, args=("before", older))


def day_format() -> str:
    """Return the locale's date, in the tokens of the browser's tables and sliders."""
    pattern = str(get_date_format("medium", locale=locale()).pattern)
    return re.sub(r"d+", lambda one: one[0].upper(), re.sub(r"y+", "YYYY", pattern))


def moment_format() -> str:
    """Return the locale's date with a time, in the same tokens."""
    return f"{day_format()} HH:mm"


def whole(label: str, **options: Any) -> Any:
    """Return a column of whole numbers with thousands separators."""
    return st.column_config.NumberColumn(label, format="localized", **options)


def amounts(label: str, currency: str, **options: Any) -> Any:
    """Return a column of amounts in whole units of a currency, with as many digits as it has."""
    return st.column_config.NumberColumn(label, format=f"%.{digits_of(currency)}f", **options)


def share(label: str, **options: Any) -> Any:
    """Return a column of shares from 0 to 100 as bars with their percentage."""
    return st.column_config.ProgressColumn(label, format="%d%%", min_value=0, max_value=100, **options)


def when(label: str, **options: Any) -> Any:
    """Return a column of moments in the report time zone, which stands in its heading."""
    zone = installation.settings().report_timezone
    headed = f"{label} ({zone.rpartition('/')[2].replace('_', ' ')})"
    return st.column_config.DatetimeColumn(headed, format=moment_format(), timezone=zone, **options)


def text(label: str, **options: Any) -> Any:
    """Return a column of text."""
    return st.column_config.TextColumn(label, **options)
