"""About this number: definition, rows, closed months, alerts and goals, notes; one panel beside the page.

The address names what is open: `?about=conversion`, and `?rows=conversion` for its rows.
"""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import url
from dashboard.access import Operator, operator_or_nobody
from dashboard.installation import reading
from dashboard.kit import exports, freshness, labels, states, tables, tiles
from dashboard.kit.filters import Filters
from dashboard.panels import annotations, closed_months, metric_alerts
from dashboard.spreadsheet import number_text
from dashboard.text import counted, decimal, money, percent, plain
from ledger.desk import list_names
from ledger.metrics import METRICS, RowTotals, measure, row_totals, rows

PAGE = 25
ONLY_IN_FILE = ("epoch", "billing_cycle", "bought_minutes")
"""Columns that the panel has no room for; the CSV has them."""
OUTCOMES = {"yes": "Yes", "no": "No", "open": "Still open"}
"""What a row of a share counts as."""
TABS = {
    "definition": "Definition",
    "rows": "Rows",
    "closed": "Closed months",
    "alerts": "Alerts and goal",
    "notes": "Notes",
}


def open_panel(slug: str, tab: str = "") -> None:
    """Open the panel of a metric at a tab, the definition at first, and say so in the address."""
    url.replace_parameters(about=slug, about_tab=tab, rows="", rows_page="", counted="")


def close_panel() -> None:
    """Close it again."""
    url.replace_parameters(about="", about_tab="", rows="", rows_page="", counted="")


def panel(filters: Filters, *, operator: Operator) -> None:
    """Draw the panel of the metric that the address names; nothing without one."""
    wanted = url.parameter("rows") or url.parameter("about")
    if not wanted:
        return
    if wanted not in METRICS:
        url.drop_unknown("rows" if url.parameter("rows") else "about", "Metric")
        return
    opened = st.dialog(
        labels.label(wanted), width="medium", position="right", icon=":material/info:", on_dismiss=close_panel
    )
    opened(_body)(wanted, filters, operator)


def _body(slug: str, filters: Filters, operator: Operator) -> None:
    first = "rows" if url.parameter("rows") else url.one_of("about_tab", list(TABS), label="Tab")
    widget = f"about_tabs_{slug}_{first}"
    definition, behind, closed, alerts, notes = tabs = st.tabs(
        list(TABS.values()),
        default=TABS[first],
        key=widget,
        on_change=lambda: open_panel(slug, url.code_of(TABS, st.session_state[widget])),
    )
    if definition.open:
        with definition:
            _definition(slug, filters)
    if behind.open:
        with behind:
            _rows(slug, filters)
    if not any(tab.open for tab in tabs[2:]):
        return
    with reading() as db:
        if closed.open:
            with closed:
                closed_months.panel(db, [slug], filters)
        if alerts.open:
            with alerts:
                metric_alerts.panel(db, operator, filters, slug)
                annotations.goal_form(operator, filters, slug)
        if notes.open:
            with notes:
                annotations.notes(db, operator, filters, slug)


def _definition(slug: str, filters: Filters) -> None:
    metric = METRICS[slug]
    with reading() as db:
        result = measure(db, slug, **filters.of_metric(slug))
        remarks = freshness.remarks(db, result, filters)
    st.markdown(f"**{plain(metric.name)}**: {plain(tiles.shown(result, exact=True))}")
    st.markdown(plain(metric.formula[:1].upper() + metric.formula[1:]))
    for remark in remarks:
        st.caption(plain(remark))
    matures = "at once" if metric.matures is None else counted(metric.matures, "{n} day", "{n} days")
    tables.show_words(
        {
            "Fact": ["Selected by", "Counts after", "Worked example"],
            "Value": [metric.period, matures, metric.example],
        },
        key="about_definition",
        file_name=f"{slug}.csv",
        file=tables.from_rows(
            [metric], ("slug", "version", "period", "matures", "formula", "example", "sql")
        ),
    )
    with st.expander("SQL", icon=":material/code:"):
        st.code(metric.sql, language="sql", wrap_lines=True)
    st.page_link(
        "../pages/definitions.py",
        label="All versions of this definition",
        query_params={"find": slug},
        icon=":material/menu_book:",
    )


def _rows(slug: str, filters: Filters) -> None:
    """Draw one page of the rows at a time, with what all of them add up to; those that count come first."""
    operator, ratio = operator_or_nobody(), METRICS[slug].estimate == "ratio"
    chosen = filters.rows_of(slug)
    with reading() as db:
        result = row_totals(db, slug, **chosen)
        count = result.n + result.pending
        if not count:
            st.info("No rows in this period.")
            return
        st.caption(summed(slug, result))
        outcome = _outcome(result) if ratio else None
        shown = outcomes(result)[outcome] if outcome else count
        page = url.page(-(-shown // PAGE), key="rows_page")
        part = rows(db, slug, **chosen, outcome=outcome, limit=PAGE, offset=PAGE * (page - 1))
        private = operator.may("view_personal_data")
        names = list_names(db, [row["workspace_id"] for row in part]) if private else {}
    frame = exports.frame(part)
    columns: dict[str, Any] = {"workspace_id": tables.text("Workspace"), "at": tables.when("When")}
    if private:
        frame["name"] = [names.get(row["workspace_id"], "") for row in part]
        columns = {"workspace_id": columns["workspace_id"], "name": tables.text("Name"), "at": columns["at"]}
    if ratio:
        frame["counted"] = [
            "Still open" if row["pending"] else "Yes" if row["value"] else "No" for row in part
        ]
        columns["counted"] = states.column("Counts as", ("Yes", "No", "Still open"), width=110)
    else:
        frame = frame.rename(columns={"value": "value_cents"}) if METRICS[slug].unit == "cents" else frame
    linked = operator.may("view_workspaces")
    frame = as_money(frame)
    tables.show(
        frame, key=f"rows_table_{slug}", file_name=None, linked=linked, columns=_columns(frame, columns)
    )
    exports.download(slug, filters, key="csv_all_rows", label="CSV of all rows")


def as_money(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame with every `..._cents` as money in the currency of its row, which then needs no column."""
    cents = [str(name) for name in frame if str(name).endswith("_cents")]
    if not cents or "currency" not in frame or frame["currency"].replace("", None).isna().any():
        return frame
    shown = {
        name: [
            "" if pd.isna(amount) else money(round(amount), currency)
            for amount, currency in zip(frame[name], frame["currency"], strict=True)
        ]
        for name in cents
    }
    words = {name: name.removesuffix("_cents") for name in cents}
    return frame.assign(**shown).drop(columns="currency").rename(columns=words)


def outcomes(result: RowTotals) -> dict[str, int]:
    """Return how many rows of a share count as yes, as no, and are still open."""
    yes = round(float(result.value))
    return {"yes": yes, "no": result.n - yes, "open": result.pending}


def _outcome(result: RowTotals) -> str | None:
    """Draw the choice of yes, no and still open, each with how many there are; None: all."""
    counts = outcomes(result)
    names = {code: f"{name} · {decimal(counts[code])}" for code, name in OUTCOMES.items() if counts[code]}
    chosen = url.pills("Counts as", names, key="counted", label_visibility="collapsed")
    return next(iter(chosen), None)


def _columns(frame: pd.DataFrame, first: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns of the rows: those with words of their own first, without what only adds up."""
    others = tables.plain_columns(frame)
    hidden = {*ONLY_IN_FILE, "pending", "weight", *(("value",) if "counted" in first else ())}
    return {**first, **{name: look for name, look in others.items() if name not in {*first, *hidden}}}


def summed(slug: str, result: RowTotals) -> str:
    """Return what the rows add up to: `88 of 267 = 33.0% (46 still open)`, or how many and their sum."""
    still = f" ({decimal(result.pending)} still open)" if result.pending else ""
    metric = METRICS[slug]
    if metric.estimate == "ratio":
        share = f" = {percent(100 * float(result.value) / result.weight)}" if result.weight else ""
        return f"{decimal(float(result.value))} of {decimal(result.weight)}{share}{still}"
    sums = f"{number_text(result.value)}{' cents' if metric.unit == 'cents' else ''}"
    return f"{counted(result.n + result.pending, '{n} row', '{n} rows')}, sum {sums}{still}"
