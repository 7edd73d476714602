"""The Attributes page: the attributes in use, and a list, checked first, that sets them for many workspaces."""

from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st
from sqlalchemy import Connection

from dashboard import actions
from dashboard.access import operator_or_nobody
from dashboard.kit import forms, tables, template
from dashboard.kit.labels import attribute_name, segment_name
from dashboard.text import counted, plain, problem
from ledger.desk import AttributeRow, check_list
from ledger.errors import InvalidAttribute
from ledger.minutes import list_segments

FORM = "attribute list"
BYTES_AT_MOST = 2_000_000
SHOWN = 12
EXAMPLE = "workspace_id, country, seats\nws_0001, DE, 25\nws_0002, none, 40"


def known(db: Connection) -> None:
    """Draw the attributes in use and their values."""
    segments = list_segments(db)
    template.answer(answer(segments))
    if segments:
        tables.show_words(
            {
                "Attribute": [attribute_name(key) for key in segments],
                "Column": [f"`{key}`" for key in segments],
                "Segments": [_segments(values) for values in segments.values()],
            },
            key="attributes",
            file_name="attributes.csv",
            file=pd.DataFrame(
                [(key, value) for key, values in segments.items() for value in values],
                columns=["column", "segment"],
            ),
        )


def answer(segments: Mapping[str, Sequence[str]]) -> str:
    """Return the number of attributes and their purpose, in one sentence."""
    if not segments:
        return "**No attributes yet**: set country, channel or seats, and every metric can be filtered by it."
    names = ", ".join(plain(attribute_name(key)) for key in segments)
    return f"**{counted(len(segments), '{n} attribute', '{n} attributes')}**: {names}. Each filters every metric."


def _segments(values: Sequence[str]) -> str:
    shown = ", ".join(plain(segment_name(value)) for value in values[:SHOWN])
    return f"{shown} and {len(values) - SHOWN} more" if len(values) > SHOWN else shown


def new_list(db: Connection) -> None:
    """Draw the upload and paste fields, and the changes that the list would make."""
    template.section("Set attributes of many workspaces")
    uploaded = st.file_uploader("List (CSV)", type=["csv", "txt"], key="attributes_file")
    pasted = st.text_area(
        "Or paste it", key="attributes_text", height=120, placeholder=EXAMPLE, max_chars=BYTES_AT_MOST
    )
    st.caption(
        "The first line names the columns: `workspace_id`, then attributes. "
        "An empty cell changes nothing; `none` removes."
    )
    text = uploaded.getvalue().decode("utf-8-sig", errors="replace") if uploaded else (pasted or "")
    try:
        rows = check_list(db, text)
    except InvalidAttribute as error:
        st.error(problem(error))
        return
    if rows:
        _dry_run(rows)
        st.button(
            "Set attributes",
            type="primary",
            key="attributes_submit",
            on_click=apply,
            args=(text, forms.key_of(FORM)),
            disabled=any(row.problem for row in rows) or not any(row.changes for row in rows),
        )


def _dry_run(rows: Sequence[AttributeRow]) -> None:
    bad, changing = sum(bool(row.problem) for row in rows), sum(bool(row.changes) for row in rows)
    if bad:
        st.warning(
            f"{counted(bad, '{n} row has a problem', '{n} rows have a problem')}: correct the list first.",
            icon=":material/error:",
        )
    else:
        changes = counted(changing, "{n} workspace changes", "{n} workspaces change")
        st.info(f"{changes}, {len(rows) - changing} stay as they are.")
    ordered = sorted(rows, key=lambda row: (not row.problem, not row.changes))
    tables.show(
        pd.DataFrame(
            [
                {
                    "line": row.line,
                    "workspace": row.workspace_id,
                    "changes": changes_of(row),
                    "problem": row.problem,
                }
                for row in ordered
            ]
        ),
        key="attributes_dry_run",
        file_name="attributes.csv",
        height=240,
        columns={
            "line": tables.whole("Line", width="small"),
            "workspace": tables.text("Workspace"),
            "changes": tables.text("Change", width="large"),
            "problem": tables.text("Problem", width="medium"),
        },
    )


def changes_of(row: AttributeRow) -> str:
    """Return what a line changes, old and new: `country DE → FR, seats removed`."""
    return ", ".join(
        f"{key} removed" if value is None else f"{key} {row.before.get(key, '–')} → {value}"
        for key, value in row.changes.items()
    )


def apply(text: str, key: str) -> None:
    """Apply the list."""
    operator = operator_or_nobody()
    forms.carry_out(
        FORM, lambda: actions.set_attributes_of_list(operator, text, key=key), clear=("attributes_text",)
    )
