"""Uncertainty in the background: a thread that refines one answer, reports progress, and can be stopped."""

from dataclasses import dataclass, field
from threading import Event, Thread

import streamlit as st

from dashboard.screens.pricing.facts import SEED
from ledger.pricing import (
    Comparison,
    Lab,
    PricingRefused,
    Question,
    Snapshot,
    Swing,
    break_even_churn,
    break_even_elasticity,
    refine,
    tornado,
)

DRAWS = 200
LOOK_AROUND = 2000  # workspaces


@dataclass
class Run:
    """One question being refined. Everything here is written by its thread and only read by pages."""

    lab: Lab
    question: Question
    draws: int = DRAWS
    comparison: Comparison | None = None
    swings: dict[str, Swing] = field(default_factory=dict)
    even_elasticity: float | None = None
    even_churn: float | None = None
    problem: str = ""
    finished: Event = field(default_factory=Event)
    canceled: Event = field(default_factory=Event)

    def start(self) -> "Run":
        """Start the thread; the page does not wait."""
        Thread(target=self._refine, daemon=True, name="pricing").start()
        return self

    def stop(self) -> None:
        """Stop after the current draws; results so far stay."""
        self.canceled.set()

    @property
    def done(self) -> int:
        """Return the number of draws so far."""
        return self.comparison.draws if self.comparison else 0

    @property
    def is_running(self) -> bool:
        """Whether more is coming."""
        return not (self.finished.is_set() or self.canceled.is_set())

    def wait(self, seconds: float) -> bool:
        """Wait for the end, and return whether it came in time."""
        return self.finished.wait(seconds)

    def _refine(self) -> None:
        try:
            for comparison in refine(self.lab, self.question, draws=self.draws, seed=SEED):
                self.comparison = comparison
                if self.canceled.is_set():
                    return
            self._look_around()
        except PricingRefused as refused:
            self.problem = str(refused)
        finally:
            self.finished.set()

    def _look_around(self) -> None:
        """Compute what drives the result, on a smaller sample: every step takes two replays."""
        small = self.lab.sampled(LOOK_AROUND)
        if self.comparison:
            self.even_churn = break_even_churn(self.comparison)
        self.swings = dict(tornado(small, self.question, seed=SEED))
        if not self.canceled.is_set():
            self.even_elasticity = break_even_elasticity(small, self.question, seed=SEED)


def begun(taken: Snapshot, question: Question) -> Run | None:
    """Return this session's run of this question on these data, or None."""
    run: Run | None = st.session_state.get("pr_run")
    same = run and run.question == question and st.session_state.get("pr_run_on") == taken.fingerprint
    return run if same else None
