"""The last restore drill, on Health: one line with what to do, and the words for the verdict."""

from datetime import datetime

import streamlit as st

from dashboard.clock import present
from dashboard.kit import template
from dashboard.text import ago, duration, plain
from ledger.postgres import DrillResult

COMMAND = "`python -m ledger backup FILE --drill`"
VERDICTS = {"failed": "a failed restore drill", "overdue": "an overdue restore drill"}


def verdict(last: DrillResult | None, now: datetime) -> str | None:
    """Return what the verdict says about the last drill; None while none has run, or all is well."""
    problem = last.problem(now) if last else None
    return VERDICTS[problem] if problem else None


def sentence(last: DrillResult | None, now: datetime) -> str:
    """Return how the last drill ended, and what an operator does about it."""
    if last is None:
        return f"No restore drill has run. Run {COMMAND} every night: see docs/operations.md."
    problem, when = last.problem(now), f"{ago(last.at, now)} on {plain(last.host)}"
    if problem == "failed":
        return (
            f"Restore drill failed {when}: {plain(str(last.error).rstrip('.'))}. Keep the older backups, then follow "
            "docs/runbook.md (Signs of the installation)."
        )
    if problem == "overdue":
        return f"Restore drill passed {when}, and none has run since. Check the timer that runs {COMMAND} every night."
    return f"Restore drill passed {when}, in {duration(last.seconds)}."


def show(last: DrillResult | None) -> None:
    """Draw the line."""
    template.section("Backups")
    now = present()
    if last is None:
        st.info(sentence(last, now))
    elif last.problem(now):
        st.error(sentence(last, now))
    else:
        st.success(sentence(last, now))
