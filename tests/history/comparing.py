"""Compares the metrics of a ledger with those of a history in plain Python."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import Engine

import ledger
from ledger.metrics import Measure, measure
from tests.history.facts import History, Lived
from tests.history.figures import Figure, Figures, Group

CURRENCIES = ("usd", "eur")
GROUPS: Mapping[str, Mapping[str, Any]] = {
    "all": {},
    "starter": {"plan": "starter"},
    "annual": {"billing_cycle": "annual"},
    "partners": {"attributes": {"channel": "partner"}},
}
"""Filters of the metrics, by the name of who is left."""


def group_of(history: History, chosen: Mapping[str, Any]) -> Group:
    """Return whether a workspace passes the filters at a moment."""

    def passes(workspace_id: str, at: datetime) -> bool:
        period = history.period_at(workspace_id, at)
        there = {"plan": period and period.plan, "billing_cycle": period and period.cycle}
        attributes = chosen.get("attributes", {})
        mine = history.attributes.get(workspace_id, {})
        return all(there[name] == value for name, value in chosen.items() if name != "attributes") and all(
            mine.get(name) == value for name, value in attributes.items()
        )

    return passes


def figures(
    lived: Lived, start: datetime, end: datetime, as_of: datetime, group: Mapping[str, Any]
) -> Iterator[tuple[str, str | None, Figure]]:
    """Yield slug, currency and figure of every metric that a history has."""
    mine = Figures(lived, start, end, as_of, group_of(lived.history, group))
    for slug, figure in (mine.shares() | mine.durations() | mine.minutes()).items():
        yield slug, None, figure
    for currency in CURRENCIES:
        for slug, figure in mine.money(currency).items():
            yield slug, currency, figure


def differences(
    engine: Engine,
    lived: Lived,
    start: datetime,
    end: datetime,
    as_of: datetime,
    *,
    source: str,
    group: Mapping[str, Any],
) -> tuple[set[str], dict[tuple[str, str | None], tuple[Figure, Measure]]]:
    """Return which metrics were compared, and those that differ: what the history says, what the ledger answers."""
    compared, differing = set(), {}
    span: dict[str, Any] = {"start": start, "end": end, "as_of": as_of, "source": source}
    with ledger.reading(engine) as db:
        for slug, currency, figure in figures(lived, start, end, as_of, group):
            answer = measure(db, slug, **span, **group, currency=currency)
            compared.add(slug)
            if not _is_same(figure, answer):
                differing[slug, currency] = figure, answer
    return compared, differing


def _is_same(figure: Figure, answer: Measure) -> bool:
    if figure.value is None or answer.value is None:
        return figure.value is answer.value
    counts = (answer.n if figure.n is None else figure.n, figure.pending) == (answer.n, answer.pending)
    return counts and answer.value == pytest.approx(figure.value, abs=TO_THE_LAST_DIGIT)


TO_THE_LAST_DIGIT = 0.00011
"""Numbers are rounded to four decimals; a cent is a whole number."""
