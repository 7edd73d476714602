"""The history that the pricing lab replays, shared by all sessions over the same data.

The worker reads it into the database and pages load the newest one. Where none is stored yet, a page reads a small
company itself; for a large one it waits for the worker and shows the progress.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import streamlit as st
from sqlalchemy import Connection, Engine

from dashboard import installation
from dashboard.clock import as_of, present
from dashboard.kit.filters import default_source
from dashboard.screens.pricing import reading
from dashboard.text import counted, local, moment, plain
from ledger import database
from ledger.desk import search
from ledger.metrics import rollup_state
from ledger.payments import CatalogueNames, catalogue_names
from ledger.pricing import (
    Lab,
    PricingRefused,
    Question,
    Side,
    Snapshot,
    belief_of,
    central_demand,
    count_workspaces,
    get_reading,
    list_replayed_currencies,
    load_snapshot,
    measure_need_weight,
    newest_snapshot,
    quick,
    take_snapshot,
)

SEED = 20_260_101
SMALL = 3_000  # workspaces that a page reads itself, in less than a second


_KEYS: dict[str | type[Any], Callable[[Any], Any]] = {
    Snapshot: lambda taken: taken.fingerprint,
    Engine: lambda engine: str(engine.url),
}


@st.cache_resource(ttl=900, max_entries=4, show_spinner="Reading the history", hash_funcs=_KEYS)
def _read_here(engine: Engine, source: str, currency: str, read_at: datetime | None) -> Snapshot:
    with database.reading(engine) as connection:
        return take_snapshot(
            connection,
            source=source,
            currency=currency,
            at=read_at or present(),
            timezone=installation.settings().report_timezone,
        )


@st.cache_resource(max_entries=4, show_spinner=False, hash_funcs=_KEYS)
def _load(engine: Engine, source: str, fingerprint: str) -> Snapshot | None:
    with database.reading(engine) as connection:
        return load_snapshot(connection, source, fingerprint)


def list_currencies() -> list[str]:
    """Return the currencies of the source that metrics show, the one of a first visit first."""
    with installation.reading() as connection:
        at = _earlier(connection) or rollup_state(connection).data_to or present()
        return list_replayed_currencies(connection, _source(connection), at=at)


def _source(connection: Connection) -> str:
    return default_source(sorted(search.sources(connection)))


def snapshot(currency: str) -> Snapshot:
    """Return the facts in a currency of the source that metrics show. Without any, explain why and stop the page."""
    with installation.reading() as connection:
        source = _source(connection)
        earlier = _earlier(connection)
        stored = _stored(connection, source, currency, earlier)
        if stored is None and count_workspaces(connection, source) > SMALL:
            reading.wait(source, currency, earlier)
    if stored is not None:
        return stored
    try:
        return _read_here(installation.engine(), source, currency, earlier or as_of())
    except PricingRefused as refused:
        st.info(
            f"{plain(str(refused))} As soon as a workspace has a plan and uses minutes, its history can be replayed.",
            icon=":material/hourglass_empty:",
        )
        st.stop()


def saved_on(source: str, fingerprint: str) -> Snapshot | None:
    """Return the facts behind a saved scenario; None when they are not stored in this layout."""
    return _load(installation.engine(), source, fingerprint)


def _earlier(connection: Connection) -> datetime | None:
    """Return the time of `?at=` when it is before the newest data, else None."""
    requested, rolled_to = as_of(), rollup_state(connection).data_to
    return requested if requested and rolled_to and requested < rolled_to else None


def _stored(connection: Connection, source: str, currency: str, earlier: datetime | None) -> Snapshot | None:
    if earlier is None:
        newest = newest_snapshot(connection, source, currency)
        fingerprint = newest.fingerprint if newest else None
    else:
        earliest = get_reading(connection, source, currency, up_to=earlier)
        fingerprint = earliest.fingerprint if earliest else None
    return _load(installation.engine(), source, fingerprint) if fingerprint else None


def names() -> CatalogueNames:
    """Return the names of plans and packages by code."""
    return _names(installation.engine())


@st.cache_data(ttl=60, show_spinner=False, hash_funcs=_KEYS)
def _names(engine: Engine) -> CatalogueNames:
    with database.reading(engine) as connection:
        return catalogue_names(connection)


def renew(taken: Snapshot) -> None:
    """Request today's data from the worker; the page continues with what it has."""
    _read_here.clear()
    reading.request(taken.source, taken.currency)


@st.cache_resource(max_entries=4, show_spinner=False, hash_funcs=_KEYS)
def lab(taken: Snapshot) -> Lab:
    """Return the lab over a snapshot."""
    return Lab.of(taken.history, taken.choices, taken.tariff)


def part_of(taken: Snapshot, question: Question) -> Lab:
    """Return the lab of the workspaces that a question is about. Raises NoHistory when there are none."""
    return lab(taken).only(question.segment, taken.traits, question.traits)


@st.cache_resource(max_entries=8, show_spinner=False, hash_funcs=_KEYS)
def today(taken: Snapshot) -> Question:
    """Return the question that changes nothing: today's tariff, what is measured, and no further assumption."""
    need_weight = measure_need_weight(taken.choices)
    return Question(taken.tariff, belief_of(taken.choices), need_weight=need_weight)


def baseline(taken: Snapshot, question: Question) -> Side:
    """Return today's tariff replayed once; the same for every slider position."""
    return _baseline(taken, question.segment, question.traits, question.need_weight)


@st.cache_resource(max_entries=32, show_spinner=False, hash_funcs=_KEYS)
def _baseline(taken: Snapshot, segment: str, traits: tuple[tuple[str, str], ...], need_weight: float) -> Side:
    question = Question(taken.tariff, segment=segment, need_weight=need_weight, traits=traits)
    part = part_of(taken, question)
    return quick(part.baseline(), central_demand(part.choices, question), seed=SEED)


def caption(taken: Snapshot) -> str:
    """Return the data behind the answers, in a line."""
    return (
        "{workspaces} · source {source} · replayed from {since:%b %Y} · data to {to} · snapshot {id}".format(
            workspaces=counted(taken.history.size, "{n} workspace", "{n} workspaces"),
            source=taken.source,
            since=local(min((month.month for month in taken.months), default=taken.data_to)),
            to=moment(taken.data_to),
            id=taken.fingerprint,
        )
    )
