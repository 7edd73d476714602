"""Hold-outs: running ones and results, the planner, start and end, and the arms as a file."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import streamlit as st
from sqlalchemy import Connection

from dashboard.access import Operator, operator_or_nobody
from dashboard.actions.hold_outs import end_hold_out, start_hold_out
from dashboard.kit import awaited, choices, exports, forms, tables, template
from dashboard.kit.filters import SOURCE_NAMES, Filters
from dashboard.text import decimal, minus, moment, percent, plain
from ledger.estimates import hits_per_arm
from ledger.experiments import CONTROL, SHARES, TREATMENT, HoldOut, list_hold_outs
from ledger.metrics import (
    HORIZON_DAYS,
    LATEST,
    LEAST_PER_GROUP,
    METRICS,
    Selection,
    fit_at_once,
    rolled_totals,
    stored_fit,
)

MAY = "manage_catalogue"
SHOWN = 10
"""The latest hold-outs, which are shown with their results."""
RECENT = timedelta(days=90)
NOTHING = {arm: {"hits": 0, "followed": 0, "stayed": 0} for arm in (CONTROL, TREATMENT)}

Level = Mapping[str, Any]


def listed(db: Connection, filters: Filters, staff: Operator) -> Sequence[HoldOut]:
    """Draw the hold-outs of the chosen source; return those whose result is still being computed."""
    template.section("Hold-outs")
    hold_outs = list_hold_outs(db, filters.source)
    if not hold_outs:
        st.caption("No hold-outs yet.")
        return []
    levels = {one.name: _result(db, one, filters) for one in hold_outs[:SHOWN]}
    running = next((one for one in hold_outs if one.ends_at is None), None)
    if running:
        _running(running, levels.get(running.name), staff)
    _table(hold_outs, levels)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        names = {one.name: one for one in hold_outs}
        labels = {name: name for name in names}
        chosen = choices.choice("Arms of hold-out", labels, key="arms", label_visibility="visible", width=260)
        exports.download_arms(names[chosen], key="ho_csv")
    st.caption(
        "A workspace's id determines its arm. While the hold-out runs, "
        "`GET /api/extra-minutes/packages?workspace_id=` returns no offer for the control arm; "
        "`GET /api/hold-outs/NAME/arms` lists all arms."
    )
    return [one for one in hold_outs if one.name in levels and levels[one.name] is None]


def _window(hold_out: HoldOut, filters: Filters) -> Selection:
    """Return the selection of the hold-out's own time, whatever period the page shows."""
    now = filters.state.reach(filters.as_of)
    end = hold_out.ends_at or LATEST
    return Selection(hold_out.starts_at, end, now, hold_out.source, timezone=filters.state.timezone)


def _result(db: Connection, hold_out: HoldOut, filters: Filters) -> Level | None:
    """Return the hold-out level of evidence over its own time; None until the worker has computed it."""
    metric, chosen = METRICS["retention-effect"], _window(hold_out, filters)
    fit = stored_fit(db, metric, chosen) or fit_at_once(db, metric, chosen)
    return None if fit is None else fit["levels"][0]


def _arms(result: Level | None) -> Mapping[str, Mapping[str, int]]:
    return (result and result.get("arms")) or NOTHING


def _running(hold_out: HoldOut, result: Level | None, staff: Operator) -> None:
    arms = _arms(result)
    needed = max(hold_out.hits_needed, LEAST_PER_GROUP)
    with st.container(border=True, key="ho_running"):
        st.markdown(
            f"**{plain(hold_out.name)}** has been running since {moment(hold_out.starts_at)}: "
            f"{hold_out.share_percent}% of workspaces see no offer."
        )
        st.caption(plain(hold_out.reason))
        control, treatment, known = st.columns(3)
        control.metric("Limit hits in the control arm", decimal(arms[CONTROL]["hits"]))
        treatment.metric("Limit hits in the treatment arm", decimal(arms[TREATMENT]["hits"]))
        smaller = min(arm["followed"] for arm in arms.values())
        known.metric("Followed for 90 days, smaller arm", f"{decimal(smaller)} of {decimal(needed)}")
        if result is None:
            st.caption("Calculating…")
        if staff.may(MAY):
            _ending(hold_out, smaller, needed)


def _ending(hold_out: HoldOut, smaller: int, needed: int) -> None:
    with st.popover("End hold-out", icon=":material/stop_circle:", key="ho_ending"):
        st.write(
            "All workspaces see the offer again at once. This can't be undone, and the name can't be reused."
        )
        if smaller < needed:
            st.warning(
                f"Only {decimal(smaller)} of {decimal(needed)} limit hits have been followed for 90 days. "
                "Control workspaces that hit the limit recently will see the offer early, so the effect will look "
                "smaller than it is."
            )
        st.button("End now", key="ho_end", type="primary", on_click=_end, args=[hold_out.name])


def _table(hold_outs: Sequence[HoldOut], levels: Mapping[str, Level | None]) -> None:
    tables.show(
        pd.DataFrame([_line(one, levels.get(one.name)) for one in hold_outs]),
        key="ho_table",
        file_name="hold-outs.csv",
        columns={
            "name": tables.text("Hold-out"),
            "share": st.column_config.NumberColumn("Control", format="%d%%"),
            "from": tables.when("From"),
            "until": tables.when("Until"),
            "hits": tables.text("Limit hits, control / treatment"),
            "followed": tables.text("Followed 90 days"),
            "retained": tables.text("Retained, control / treatment"),
            "effect": tables.text("Effect, points"),
            "lacks": tables.text("Not available because"),
            "reason": tables.text("Reason"),
            "by": tables.text("By"),
        },
    )


def _line(hold_out: HoldOut, result: Level | None) -> dict[str, Any]:
    arms = _arms(result)
    control, treatment = arms[CONTROL], arms[TREATMENT]
    stands = result is not None and result["value"] is not None
    return {
        "name": hold_out.name,
        "share": hold_out.share_percent,
        "from": hold_out.starts_at,
        "until": hold_out.ends_at,
        "hits": f"{decimal(control['hits'])} / {decimal(treatment['hits'])}" if result else "–",
        "followed": f"{decimal(control['followed'])} / {decimal(treatment['followed'])}" if result else "–",
        "retained": f"{_stayed(control)} / {_stayed(treatment)}" if stands else "–",
        "effect": effect(result) if result else "–",
        "lacks": (result["reason"] or "") if result else "calculating",
        "reason": hold_out.reason,
        "by": hold_out.created_by,
    }


def _stayed(arm: Mapping[str, int]) -> str:
    return percent(100 * arm["stayed"] / arm["followed"])


def effect(result: Level) -> str:
    """Return the estimate of an evidence level with its interval; a dash if it is not available."""
    if result["value"] is None:
        return "–"
    return minus(f"{result['value']:+.1f} [{result['low']:+.1f}, {result['high']:+.1f}]")


def planner(db: Connection, filters: Filters, staff: Operator) -> None:
    """Draw how many limit hits and days a hold-out needs, and the button that starts it."""
    template.section("Plan a hold-out")
    typed: dict[str, Any] = {"draw": st.number_input, "step": 0.5, "width": 260}
    with st.container(horizontal=True):
        base = choices.value_between("Retention without the offer (%)", 1.0, 98.0, 80.0, key="base", **typed)
        lift = choices.value_between("Smallest effect to detect (pp)", 0.5, 50.0, 5.0, key="lift", **typed)
        share = choices.value_between(
            "Control share (%)", SHARES[0], SHARES[-1], 50, key="share", step=5, width=260
        )
    others = (100 - share) / share
    needed = hits_per_arm(base / 100, min(99.5, base + lift) / 100, ratio=others)
    needed = max(needed, LEAST_PER_GROUP)
    rate = _hits_per_day(db, filters)
    control, treatment, days = st.columns(3)
    control.metric("Limit hits needed in the control arm", decimal(needed))
    treatment.metric("Limit hits needed in the treatment arm", decimal(round(needed * others)))
    days.metric(
        "Days at today's rate",
        decimal(100 * needed / share / rate) if rate else "never: no limit hits",
    )
    st.caption(
        f"Two-sided test at 5%, power 80%. Counts first limit hits ({rate:.1f} a day recently), "
        f"each followed for {HORIZON_DAYS:.0f} days."
    )
    if staff.may(MAY):
        _starting(filters.source, needed)
    else:
        st.caption("Only administrators can start a hold-out.")


def _hits_per_day(db: Connection, filters: Filters) -> float:
    """Return first limit hits a day of all plans, over the last 90 days or since the first one; 0 without any."""
    zone = ZoneInfo(filters.state.timezone)
    known = filters.state.reach(filters.as_of)
    first, last = ((known - back).astimezone(zone).date() for back in (RECENT, timedelta()))
    chosen = Selection(known - RECENT, known, known, filters.source)
    days = rolled_totals(db, METRICS["conversion-first-hit"], chosen, first, last, by="day")
    hits = {date.fromisoformat(str(total.part)): total.n for total in days if total.n}
    return sum(hits.values()) / (last - min(hits)).days if hits else 0.0


def _starting(source: str, needed: int) -> None:
    with st.container(border=True, key="ho_starting"):
        left, right = st.columns(2)
        with left:
            forms.text_field("Name", key="ho_name", max_chars=64, placeholder="spring-offer")
        with right:
            forms.text_field("Why", key="ho_reason", max_chars=400)
        st.button(
            f"Start in {SOURCE_NAMES[source]} now",
            key="ho_start",
            type="primary",
            icon=":material/play_circle:",
            on_click=_start,
            args=[source, needed],
        )
        st.caption(
            "Name, share and start are final. Control workspaces can still buy; they just aren't shown the offer."
        )


def _start(source: str, needed: int) -> None:
    """Handle the click on "Start"."""
    state = st.session_state
    act = partial(
        start_hold_out,
        operator_or_nobody(),
        state["ho_name"].strip(),
        source=source,
        share_percent=int(state[choices.widget_key("share")]),
        hits_needed=needed,
        reason=state["ho_reason"],
    )
    started = lambda: act(key=forms.key_of("hold-out"))  # noqa: E731  the key is made when it runs
    about = {"invalid_hold_out": "ho_name", "reason": "ho_reason"}
    forms.carry_out("hold-out", started, clear=("ho_name", "ho_reason"), fields=about)


def _end(name: str) -> None:
    """Handle the click on "End now"."""
    act = partial(end_hold_out, operator_or_nobody(), name)
    forms.carry_out("end hold-out", lambda: act(key=forms.key_of("end hold-out")))


def request_fits(waiting: Sequence[HoldOut], filters: Filters) -> None:
    """Request the results that are missing."""
    awaited.request([("retention-effect", _window(one, filters)) for one in waiting])
