"""The history that the pricing lab replays, read once and shared by everybody who looks at the same data."""

from datetime import datetime

import streamlit as st
from sqlalchemy import Engine

from dashboard import db
from dashboard.clock import as_of, present
from dashboard.filters import default_source
from dashboard.text import _, plain
from ledger import database, search
from ledger.pricing.badges import belief_of
from ledger.pricing.calibration import measure_need_weight
from ledger.pricing.lab import Lab, Side, central_demand, quick
from ledger.pricing.question import Question
from ledger.pricing.refusals import PricingRefused
from ledger.pricing.snapshot import Snapshot, take_snapshot
from ledger.settings import load_settings

SEED = 20_260_101


_KEYS = {Snapshot: lambda taken: taken.fingerprint, Engine: lambda engine: str(engine.url)}


@st.cache_resource(ttl=900, max_entries=4, show_spinner="Reading the history", hash_funcs=_KEYS)
def _snapshot(engine: Engine, source: str, asked_at: datetime | None) -> Snapshot:
    with database.reading(engine) as connection:
        return take_snapshot(
            connection, source=source, at=asked_at or present(), timezone=load_settings().report_timezone
        )


def snapshot() -> Snapshot:
    """The facts of the source that metrics show; where there are none the page says so and stops."""
    with db.reading() as connection:
        source = default_source(sorted(search.sources(connection)))
    try:
        return _snapshot(db.engine(), source, as_of())
    except PricingRefused as refused:
        st.info(
            _(
                "{why} As soon as a workspace has a plan and uses minutes, its history can be replayed."
            ).format(why=plain(str(refused))),
            icon=":material/hourglass_empty:",
        )
        st.stop()


def forget() -> None:
    """Read the history anew when it is asked for next."""
    _snapshot.clear()


@st.cache_resource(max_entries=4, show_spinner=False, hash_funcs=_KEYS)
def lab(taken: Snapshot) -> Lab:
    """The lab over a snapshot."""
    return Lab.of(taken.history, taken.choices, taken.tariff)


@st.cache_resource(max_entries=8, show_spinner=False, hash_funcs=_KEYS)
def today(taken: Snapshot) -> Question:
    """The question that changes nothing: today's tariff, what is measured, and no further assumption."""
    need_weight = measure_need_weight(taken.choices)
    return Question(taken.tariff, belief_of(taken.choices), need_weight=need_weight)


def baseline(taken: Snapshot, question: Question) -> Side:
    """Today's tariff replayed once; the same for every slider position."""
    return _baseline(taken, question.segment, question.need_weight)


@st.cache_resource(max_entries=32, show_spinner=False, hash_funcs=_KEYS)
def _baseline(taken: Snapshot, segment: str, need_weight: float) -> Side:
    part = lab(taken).only(segment)
    question = Question(taken.tariff, segment=segment, need_weight=need_weight)
    return quick(part.baseline(), central_demand(part.choices, question), seed=SEED)


def caption(taken: Snapshot) -> str:
    """What the answers are made of, in a line."""
    return _("{n:,} workspaces · source {source} · data to {to:%d %b %Y %H:%M} UTC · snapshot {id}").format(
        n=taken.history.size, source=taken.source, to=taken.data_to, id=taken.fingerprint
    )
