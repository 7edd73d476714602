"""How far to trust the lab: model error, backtest, a badge for every parameter, and the data behind the answer."""

from collections.abc import Callable
from typing import Any

import pandas as pd
import streamlit as st

from dashboard.kit import tables, template
from dashboard.screens.pricing import facts, pictures
from dashboard.text import decimal, minus, money, percent, plain
from ledger.money import digits_of, units_of
from ledger.pricing import (
    ASSUMED,
    MEASURED,
    Backtest,
    Band,
    Belief,
    PricingRefused,
    Question,
    Snapshot,
    backtest,
    badges,
    code_version,
    prepare,
    repeated,
)

_KEYS: dict[str | type[Any], Callable[[Any], Any]] = {Snapshot: lambda taken: taken.fingerprint}
REPLAYS = 20  # of the whole history, for the model error: about a second at 100,000 workspaces
COLOURS = {MEASURED: "green", ASSUMED: "orange"}


def show(taken: Snapshot, question: Question) -> None:
    """Draw the panel."""
    template.section("How reliable is this?")
    if not taken.choices.decided.sum():
        st.info("No customer has hit a limit yet, so there is nothing to check the model against.")
        return
    _badges(taken, question)
    left, right = st.columns(2)
    with left:
        _model_error(taken)
    with right:
        _backtest(taken, question)
    st.caption(f"{facts.caption(taken)} · seed {facts.SEED} · code {code_version()}")


def _badges(taken: Snapshot, question: Question) -> None:
    for badge in badges(taken.choices, question):
        name, value, origin = st.columns([3, 3, 6], vertical_alignment="center")
        name.markdown(plain(badge.parameter))
        value.markdown(f"**{plain(minus(badge.value))}**")
        colour = COLOURS.get(badge.origin, "gray")
        origin.caption(f":{colour}-badge[{plain(badge.origin)}] {plain(badge.why)}")


@st.cache_data(max_entries=8, show_spinner="Replaying the history", hash_funcs=_KEYS)
def _errors(taken: Snapshot) -> pd.DataFrame:
    """Return the baseline replays: filled, and with recorded demand only."""
    question, lab = facts.today(taken), facts.lab(taken)
    filled, bare = (
        repeated(lab, prepared, question, draws=REPLAYS, seed=facts.SEED)
        for prepared in (lab.baseline(), prepare(taken.recorded, taken.tariff, lab.keys))
    )
    actual = {
        "revenue": float(units_of(sum(m.prompted_cents for m in taken.months), taken.currency)),
        "purchases": sum(m.prompted for m in taken.months),
        "hits": sum(m.hits for m in taken.months),
        "liability_minutes": taken.liability_minutes,
    }
    rows = []
    for name, happened in actual.items():
        cents = 10 ** digits_of(taken.currency) if name == "revenue" else 1
        lower, band = float(bare.output(name).mean()) / cents, Band.of(filled.output(name) / cents)
        off = 100 * (band.middle - happened) / happened if happened else 0
        gap = f"{'▲' if off > 0 else '▼'} {percent(abs(off), 0)}" if happened else "–"
        spread = f"{decimal(band.low)} … {decimal(band.high)}"
        rows.append([name, round(happened), round(lower), round(band.middle), spread, gap])
    return pd.DataFrame(rows, columns=["what", "happened", "recorded", "replayed", "spread", "error"])


def _model_error(taken: Snapshot) -> None:
    st.markdown("**Model error**: today's tariff replayed vs. what really happened")
    names = {
        "revenue": f"Revenue at a limit ({taken.currency.upper()})",
        "purchases": "Purchases at a limit",
        "hits": "Limit hits",
        "liability_minutes": "Owed minutes",
    }
    frame = _errors(taken)
    tables.show(
        frame.assign(what=frame["what"].map(names)),
        key="pr_errors",
        file_name="backtest.csv",
        columns={
            "what": tables.text("Output"),
            "happened": tables.whole("Actual"),
            "recorded": tables.whole("Replay of recorded use"),
            "replayed": tables.whole("Replay"),
            "spread": tables.text("90% of replays"),
            "error": tables.text("Error"),
        },
    )
    before = sum(m.purchases - m.prompted for m in taken.months)
    cents = sum(m.revenue_cents - m.prompted_cents for m in taken.months)
    st.caption(
        f"Means of {REPLAYS} replays. What happened is one draw: an error inside the replays' range may be chance."
        " Usage of a blocked workspace can't be observed: the replay fills in its usual rate, the replay of recorded"
        " use does not, and the truth lies between them. Both leave out the minutes between a limit and the purchase,"
        " and both use today's prices, even while a price test ran."
        f" {decimal(before)} purchases ({plain(money(cents, taken.currency))}) were made before any limit: both"
        " sides leave them unchanged, and owe what remains of them. Refunds are not replayed."
    )


@st.cache_data(max_entries=16, show_spinner="Predicting past months", hash_funcs=_KEYS)
def _tested(belief: Belief, taken: Snapshot) -> Backtest | None:
    return backtest(taken.choices, taken.months, belief, seed=facts.SEED, decided_to=taken.decided_to)


def _backtest(taken: Snapshot, question: Question) -> None:
    st.markdown("**Backtest**: each month predicted from the months before it")
    try:
        tested = _tested(question.belief, taken)
    except PricingRefused as refused:
        st.caption(plain(str(refused)))
        return
    if tested is None:
        st.caption("Needs four full months with limit hits.")
        return
    st.plotly_chart(
        pictures.backtest(tested, taken.currency), key="pr_backtest", config={"displaylogo": False},
        alt="Predicted revenue by month with its band, what happened, and last month's revenue",
    )  # fmt: skip
    worse = tested.error > tested.error_of_last_month
    st.caption(
        (
            "Mean error {ours}, knowing the limit hits {hits}, same as last month {last}{lost}."
            " The 80% band held {covered} of {n} months. Mean revenue of a month: {mean}."
        ).format(
            ours=percent(100 * tested.error, 0),
            hits=percent(100 * tested.error_given_hits, 0),
            last=percent(100 * tested.error_of_last_month, 0),
            lost=": last month is the better forecast here" if worse else "",
            covered=sum(t.covered for t in tested.months),
            n=len(tested.months),
            mean=plain(
                money(round(sum(t.actual for t in tested.months) / len(tested.months)), taken.currency)
            ),
        )
    )
