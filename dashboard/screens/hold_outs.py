"""Hold-outs on the screen: what runs and what came of it, the planner, starting and ending, and the arms as a file."""

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
from dashboard.kit import awaited, exports, forms, tables
from dashboard.kit.filters import SOURCE_NAMES, Filters
from dashboard.text import minus, moment, plain
from ledger.estimates import hits_per_arm
from ledger.experiments.holdouts import HELD, OFFERED, SHARES, HoldOut, list_hold_outs
from ledger.metrics import METRICS
from ledger.metrics.arms import HORIZON_DAYS, LEAST_PER_GROUP
from ledger.metrics.fits import fit_at_once, stored_fit
from ledger.metrics.rows import LATEST, Selection, rolled_totals

MAY = "manage_catalogue"
LOOKED_AT = 10
"""So many of the latest are told with what came of them."""
RECENT = timedelta(days=90)
NOTHING = {arm: {"hits": 0, "followed": 0, "stayed": 0} for arm in (HELD, OFFERED)}

Rung = Mapping[str, Any]


def listed(db: Connection, filters: Filters, staff: Operator) -> Sequence[HoldOut]:
    """The hold-outs of the chosen source; gives those whose result the worker has still to make."""
    st.subheader("Hold-outs", anchor=False)
    found = list_hold_outs(db, filters.source)
    if not found:
        st.caption("There has been no hold-out in this source.")
        return []
    rungs = {one.name: _rung(db, one, filters) for one in found[:LOOKED_AT]}
    running = next((one for one in found if one.ends_at is None), None)
    if running:
        _running(running, rungs.get(running.name), staff)
    _table(found, rungs)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        names = {one.name: one for one in found}
        chosen = st.selectbox("Arms of", list(names), key="ho_arms", width=260)
        exports.download_arms(names[str(chosen)], key="ho_csv")
    st.caption(
        "In which arm a workspace is follows from its id, whatever it does. While the hold-out runs, "
        "`GET /api/extra-minutes/packages?workspace_id=` answers with no offer for who is held; "
        "`GET /api/hold-outs/NAME/arms` tells all arms."
    )
    return [one for one in found if one.name in rungs and rungs[one.name] is None]


def _window(hold_out: HoldOut, filters: Filters) -> Selection:
    """The limit hits of the hold-out's own time, whatever period the page shows."""
    now = filters.state.reach(filters.as_of)
    end = hold_out.ends_at or LATEST
    return Selection(hold_out.starts_at, end, now, hold_out.source, timezone=filters.state.timezone)


def _rung(db: Connection, hold_out: HoldOut, filters: Filters) -> Rung | None:
    """The first rung of the ladder over the hold-out's own time; None while the worker has not climbed it."""
    metric, chosen = METRICS["retention-effect"], _window(hold_out, filters)
    found = stored_fit(db, metric, chosen) or fit_at_once(db, metric, chosen)
    return None if found is None else found["rungs"][0]


def _arms(rung: Rung | None) -> Mapping[str, Mapping[str, int]]:
    return (rung and rung.get("arms")) or NOTHING


def _running(hold_out: HoldOut, rung: Rung | None, staff: Operator) -> None:
    arms = _arms(rung)
    needed = max(hold_out.hits_needed, LEAST_PER_GROUP)
    with st.container(border=True, key="ho_running"):
        st.markdown(
            f"**{plain(hold_out.name)}** runs since {moment(hold_out.starts_at)}: "
            f"{hold_out.share_percent} % of the workspaces see no offer."
        )
        st.caption(plain(hold_out.reason))
        held, offered, known = st.columns(3)
        held.metric("Limit hits in the held arm", f"{arms[HELD]['hits']:,}")
        offered.metric("Limit hits in the offered arm", f"{arms[OFFERED]['hits']:,}")
        smaller = min(arm["followed"] for arm in arms.values())
        known.metric("Followed for 90 days, smaller arm", f"{smaller:,} of {needed:,}")
        if rung is None:
            st.caption("This estimate has not been computed yet.")
        if staff.may(MAY):
            _ending(hold_out, smaller, needed)


def _ending(hold_out: HoldOut, smaller: int, needed: int) -> None:
    with st.popover("End this hold-out", icon=":material/stop_circle:", key="ho_ending"):
        st.write("Everybody sees the offer again at once. An end is final; the name is used up.")
        if smaller < needed:
            st.warning(
                f"Only {smaller:,} of {needed:,} are followed: who is held and reached the limit "
                "lately will see the offer "
                "before their 90 days are over, and the effect will look smaller than it is."
            )
        st.button("End it now", key="ho_end", type="primary", on_click=_end, args=[hold_out.name])


def _table(found: Sequence[HoldOut], rungs: Mapping[str, Rung | None]) -> None:
    tables.show(
        pd.DataFrame([_line(one, rungs.get(one.name)) for one in found]),
        key="ho_table",
        columns={
            "name": tables.text("Hold-out"),
            "share": st.column_config.NumberColumn("Held", format="%d %%"),
            "from": tables.when("From"),
            "until": tables.when("Until"),
            "hits": tables.text("Limit hits, held / offered"),
            "followed": tables.text("Followed 90 days"),
            "kept": tables.text("Still there, held / offered"),
            "effect": tables.text("Effect, points"),
            "lacks": tables.text("Why not"),
            "reason": tables.text("Reason"),
            "by": tables.text("By"),
        },
    )


def _line(hold_out: HoldOut, rung: Rung | None) -> dict[str, Any]:
    arms = _arms(rung)
    held, offered = arms[HELD], arms[OFFERED]
    stands = rung is not None and rung["value"] is not None
    return {
        "name": hold_out.name,
        "share": hold_out.share_percent,
        "from": hold_out.starts_at,
        "until": hold_out.ends_at,
        "hits": f"{held['hits']:,} / {offered['hits']:,}" if rung else "–",
        "followed": f"{held['followed']:,} / {offered['followed']:,}" if rung else "–",
        "kept": f"{_kept(held)} / {_kept(offered)}" if stands else "–",
        "effect": effect(rung) if rung else "–",
        "lacks": (rung["reason"] or "") if rung else "this estimate has not been computed yet",
        "reason": hold_out.reason,
        "by": hold_out.created_by,
    }


def _kept(arm: Mapping[str, int]) -> str:
    return f"{100 * arm['stayed'] / arm['followed']:.1f} %"


def effect(rung: Rung) -> str:
    """The effect of a rung with its interval, with real minus signs; a dash where it does not stand."""
    if rung["value"] is None:
        return "–"
    return minus(f"{rung['value']:+.1f} [{rung['low']:+.1f}, {rung['high']:+.1f}]")


def planner(db: Connection, filters: Filters, staff: Operator) -> None:
    """How many limit hits and days a hold-out needs; and the button that starts it."""
    st.subheader("Plan a hold-out", anchor=False)
    with st.container(horizontal=True):
        base = st.number_input("Retention without the offer, %", 1.0, 98.0, 80.0, 1.0, key="base", width=260)
        lift = st.number_input("Smallest effect to see, points", 0.5, 50.0, 5.0, 0.5, key="lift", width=260)
        share = st.slider("Share held, %", SHARES[0], SHARES[-1], 50, step=5, key="ho_share", width=260)
    others = (100 - share) / share
    needed = hits_per_arm(base / 100, min(99.5, base + lift) / 100, ratio=others)
    needed = max(needed, LEAST_PER_GROUP)
    rate = _hits_per_day(db, filters)
    held, offered, days = st.columns(3)
    held.metric("Limit hits needed in the held arm", f"{needed:,}")
    offered.metric("Limit hits needed in the offered arm", f"{round(needed * others):,}")
    days.metric(
        "Days at today's rate",
        f"{100 * needed / share / rate:,.0f}" if rate else "never: nobody is blocked",
    )
    st.caption(
        f"Two-sided test at 5 %, power 80 %. Counted are first limit hits ({rate:.1f} a day lately); "
        f"after the last one, {HORIZON_DAYS:.0f} more days of following."
    )
    if staff.may(MAY):
        _starting(filters.source, needed)
    else:
        st.caption("An administrator can start it here.")


def _hits_per_day(db: Connection, filters: Filters) -> float:
    """First limit hits a day, of all plans, over the last 90 days or since the first one; 0 when there were none."""
    zone = ZoneInfo(filters.state.timezone)
    known = filters.state.reach(filters.as_of)
    first, last = ((known - back).astimezone(zone).date() for back in (RECENT, timedelta()))
    chosen = Selection(known - RECENT, known, known, filters.source)
    days = rolled_totals(db, METRICS["conversion"], chosen, first, last, by="day")
    hits = {date.fromisoformat(str(total.part)): total.n for total in days if total.n}
    return sum(hits.values()) / (last - min(hits)).days if hits else 0.0


def _starting(source: str, needed: int) -> None:
    with st.container(border=True, key="ho_starting"):
        left, right = st.columns(2)
        left.text_input("Name", key="ho_name", max_chars=64, placeholder="spring-offer")
        right.text_input("Why", key="ho_reason", max_chars=400)
        st.button(
            f"Start in {SOURCE_NAMES[source]} now",
            key="ho_start",
            type="primary",
            icon=":material/play_circle:",
            on_click=_start,
            args=[source, needed],
        )
        st.caption(
            "Name, share and start are never changed. Who is held may still buy; they are not asked to."
        )


def _start(source: str, needed: int) -> None:
    """The click on "Start"."""
    state = st.session_state
    act = partial(
        start_hold_out,
        operator_or_nobody(),
        state["ho_name"].strip(),
        source=source,
        share_percent=int(state["ho_share"]),
        hits_needed=needed,
        reason=state["ho_reason"],
    )
    started = lambda: act(key=forms.minted("hold-out"))  # noqa: E731  the key is minted when it is carried out
    forms.carry_out("hold-out", started, clear=("ho_name", "ho_reason"))


def _end(name: str) -> None:
    """The click on "End it now"."""
    act = partial(end_hold_out, operator_or_nobody(), name)
    forms.carry_out("end hold-out", lambda: act(key=forms.minted("end hold-out")))


def ask_for_fits(waiting: Sequence[HoldOut], filters: Filters) -> None:
    """Ask the worker for the results that it has not made yet."""
    awaited.ask([("retention-effect", _window(one, filters)) for one in waiting])
