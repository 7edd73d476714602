"""A cohort of copies buys through the real flow in test mode, with progress; it can be stopped at any time."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from threading import Event, Thread
from typing import Any
from uuid import UUID, uuid4

import pandas as pd
import streamlit as st

from dashboard import installation
from dashboard.access import Operator, operator_or_nobody
from dashboard.actions.rehearsals import begin_cohort, buy_as_copy, end_cohort, resume_cohort, take_turn
from dashboard.kit import tables
from dashboard.screens.pricing import facts
from dashboard.text import moment, plain, problem
from ledger.errors import LedgerError
from ledger.payments import WAITING, copy_id, list_packages
from ledger.pricing import (
    MOST_BUYERS,
    Cohort,
    CohortRun,
    Question,
    Rehearsal,
    Snapshot,
    bought_so_far,
    counted,
    draw_cohort,
    list_cohorts,
)

PAYS, DECLINES = "pm_card_visa", "pm_card_chargeDeclined"
TOO_FAR = 3.0  # standard deviations between flow and model
MOST_OFFERED = 3  # runs to go on with
UNDER_WAY: dict[UUID, "Buying"] = {}
"""Runs of this process. A run that is `running` only in the database ended with its process."""


@dataclass
class Buying:
    """A running cohort. Its thread writes it; pages read it."""

    operator: Operator
    cohort: Cohort
    on_sale: frozenset[str]
    declines: float
    per_second: float
    run_id: UUID = field(default_factory=uuid4)
    outcomes: list[tuple[str, str]] = field(default_factory=list)
    done: int = 0
    problem: str = ""
    finished: Event = field(default_factory=Event)
    canceled: Event = field(default_factory=Event)

    def start(self) -> "Buying":
        """Store the run and start it. Raises NotAllowed, SimulationRefused."""
        plan = {"cohort": self.cohort.as_json(), "on_sale": sorted(self.on_sale)}
        begin_cohort(self.operator, self.run_id, self.settings, plan)
        return self.go()

    @classmethod
    def resume(cls, operator: Operator, run_id: UUID) -> "Buying":
        """Resume an interrupted run. Raises NotAllowed, SimulationRefused, RehearsalEnded."""
        if run_id in UNDER_WAY:
            return UNDER_WAY[run_id]
        stored = resume_cohort(operator, run_id).settings
        cohort, on_sale = Cohort.of_json(stored["plan"]["cohort"]), frozenset(stored["plan"]["on_sale"])
        return cls(operator, cohort, on_sale, stored["declines"], stored["per_second"], run_id).go()

    @property
    def settings(self) -> dict[str, Any]:
        """Return the settings that are stored with the run."""
        return {"members": len(self.cohort.members), "declines": self.declines, "per_second": self.per_second}

    @property
    def rehearsal(self) -> Rehearsal:
        """Return the results so far."""
        decided = replace(self.cohort, members=self.cohort.members[: self.done])
        return counted(decided, self.outcomes)

    @property
    def is_running(self) -> bool:
        """Whether the run is still going."""
        return not self.finished.is_set()

    def go(self) -> "Buying":
        """Return the running cohort of this id: this one, unless two clicks came at once."""
        first = UNDER_WAY.setdefault(self.run_id, self)
        if first is self:
            Thread(target=self._buy, daemon=True, name="cohort").start()
        return first

    def _buy(self) -> None:
        status = "failed"
        try:
            status = self._everybody()
        except LedgerError as error:
            self.problem = str(error)
        except Exception as error:  # noqa: BLE001 - an error of a thread would be seen by nobody
            self.problem = f"{type(error).__name__}: {error}"
        finally:
            try:
                came = self.rehearsal
                results = {"tried": came.tried, "paid": came.paid, "declined": came.declined, "mix": came.mix}
                end_cohort(self.operator, self.run_id, status, results | {"expected": self.cohort.conversion})
            finally:
                UNDER_WAY.pop(self.run_id, None)
                self.finished.set()

    def _everybody(self) -> str:
        """Let each member decide in turn, and return the final status. Nobody buys twice in a run."""
        twins = [copy_id(member.workspace_id) for member in self.cohort.members]
        with installation.reading() as connection:
            bought = bought_so_far(connection, self.run_id, twins)
        for member, twin in zip(self.cohort.members, twins, strict=True):
            if self.canceled.is_set():
                return "canceled"
            if member.package in self.on_sale:
                status = bought.get(twin, WAITING[0])
                if status in WAITING:
                    pause = take_turn(self.operator, self.run_id, self.per_second)
                    if pause is None or self.canceled.wait(pause):
                        return "canceled"
                    card = DECLINES if member.luck < self.declines else PAYS
                    workspace_id, package = member.workspace_id, member.package
                    status = buy_as_copy(self.operator, self.run_id, workspace_id, package, card)
                self.outcomes.append((member.package, status))
            self.done += 1
        return "finished"


def show(taken: Snapshot, question: Question, staff: Operator) -> None:
    """Draw the form that starts a cohort, the running one, and past ones."""
    if not staff.may("simulate_purchases"):
        st.info("Your role can't simulate purchases.")
        return
    st.markdown(
        "Workspaces that hit the limit in the scenario decide as the model predicts. Their **copies** (`sim:…`) buy"
        " through the real payment flow in test mode, at catalogue prices. The originals stay untouched."
    )
    size, declines, rate = st.columns(3)
    size.number_input("Workspaces", 1, MOST_BUYERS, 40, key="co_size")
    declines.slider("Cards declined (%)", 0, 50, 7, key="co_declines")
    rate.slider(
        "Max. purchases per second", 1, 20, 5, key="co_rate",
        help="Across all rehearsals of this installation.",
    )  # fmt: skip
    st.button(
        "Run simulation", key="co_start", type="primary", icon=":material/groups:", on_click=_begin,
        args=[taken, question],
    )  # fmt: skip
    if "co_problem" in st.session_state:
        st.error(st.session_state.pop("co_problem"))
    _under_way()
    _past()


def _begin(taken: Snapshot, question: Question) -> None:
    """Handle the click on "Run simulation"."""
    running: Buying | None = st.session_state.get("co_run")
    if running is not None and running.is_running:
        return
    size, rate = int(st.session_state["co_size"] or 1), float(st.session_state["co_rate"])
    declines = st.session_state["co_declines"] / 100
    try:
        with installation.reading() as connection:
            offered = list_packages(connection, at=taken.data_to, currency=taken.currency)
        on_sale = frozenset(p.code for p in offered if p.currency == taken.currency)
        part = facts.part_of(taken, question)
        cohort = draw_cohort(part, question, size, seed=facts.SEED)
        st.session_state["co_run"] = Buying(operator_or_nobody(), cohort, on_sale, declines, rate).start()
    except LedgerError as refused:
        st.session_state["co_problem"] = problem(refused)


@st.fragment(run_every=2.0)
def _under_way() -> None:
    run: Buying | None = st.session_state.get("co_run") or next(iter(UNDER_WAY.values()), None)
    if run is None:
        return
    total = len(run.cohort.members)
    if run.is_running:
        st.progress(run.done / total, text=f"{run.done} of {total} decided")
        st.button("Cancel", key="co_cancel", on_click=run.canceled.set, icon=":material/cancel:")
    elif run.done < total:
        st.caption(f"Stopped after {run.done} of {total}; purchases so far stay on the copies.")
    if run.problem:
        st.error(plain(run.problem))
    came, model = run.rehearsal, run.cohort
    rows = [
        ("Paid", round(run.done * model.conversion * (1 - run.declines), 1), came.paid),
        ("Declined", round(run.done * model.conversion * run.declines, 1), came.declined),
        *(
            (
                facts.names().packages.get(code, code),
                round(run.done * model.conversion * (1 - run.declines) * s, 1),
                came.mix[code],
            )
            for code, s in model.mix.items()
        ),
    ]
    tables.show(
        pd.DataFrame(rows, columns=["what", "expected", "happened"]),
        key="co_table",
        file_name="rehearsal.csv",
        columns={
            "what": tables.text("Purchases"),
            "expected": st.column_config.NumberColumn("Expected by the model", format="%.1f"),
            "happened": tables.whole("Actual"),
        },
    )
    _verdict(run)


def _verdict(run: Buying) -> None:
    came, model = run.rehearsal, run.cohort
    if not run.is_running and run.done:
        off = came.difference(model, run.declines)
        st.caption(
            "{off:.1f} standard deviations between flow and model: {verdict}.".format(
                off=abs(off), verdict="consistent" if abs(off) < TOO_FAR else "inconsistent"
            )
        )
    left_out = sorted(set(model.mix) - run.on_sale)
    if left_out:
        st.caption("Skipped because not on sale: {codes}.".format(codes=plain(", ".join(left_out))))


def _resume(run_id: UUID) -> None:
    """Handle the click on "Resume"."""
    try:
        st.session_state["co_run"] = Buying.resume(operator_or_nobody(), run_id)
    except LedgerError as refused:
        st.session_state["co_problem"] = problem(refused)


def _interrupted(runs: Sequence[CohortRun]) -> None:
    """Draw the newest interrupted runs, each with the button that resumes it."""
    for run in [r for r in runs if r.resumable and r.run_id not in UNDER_WAY][:MOST_OFFERED]:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(
                f"The cohort of {moment(run.at)} didn't finish: {_state(run)}",
                width="content",
            )
            st.button(
                "Resume", key=f"co_resume_{run.run_id}", on_click=_resume, args=[run.run_id],
                icon=":material/resume:", help="Workspaces that already bought don't buy again.",
            )  # fmt: skip


def _past() -> None:
    with installation.reading() as connection:
        runs = list_cohorts(connection)
    _interrupted(runs)
    frame = pd.DataFrame({
        "at": [r.at for r in runs],
        "author": [r.author for r in runs],
        "status": [_state(r) for r in runs],
        "members": [r.settings.get("members", 0) for r in runs],
        "paid": [(r.results or {}).get("paid", 0) for r in runs],
    })  # fmt: skip
    tables.show(
        frame,
        key="co_past",
        file_name="rehearsals.csv",
        columns={
            "at": tables.when("Started"),
            "author": tables.text("By"),
            "status": tables.text("State"),
            "members": tables.whole("Members"),
            "paid": tables.whole("Paid"),
        },
        empty="No rehearsals yet.",
    )


def _state(run: CohortRun) -> str:
    """Return the status of a run in words; its purchases on copies stay in any case."""
    if run.status == "running" and run.run_id not in UNDER_WAY:
        return "interrupted: the server stopped"
    return run.status
