"""Results of price tests by arm, and whether it is too early to read them."""

import math
from decimal import Decimal

import pandas as pd
import streamlit as st

from dashboard.kit import tables
from dashboard.screens.pricing import facts
from dashboard.text import decimal, minus
from ledger.estimates import Interval
from ledger.experiments import RESAMPLES, PriceArm, read_arms, too_early
from ledger.money import digits_of, units_of
from ledger.pricing import Snapshot


def show(taken: Snapshot, planned_hits: int) -> None:
    """Draw a row for each arm; nothing if no test has run. `planned_hits`: those of each arm in the design."""
    arms = read_arms(taken.choices, seed=facts.SEED)
    if not arms:
        return
    st.markdown("**Results of price tests**")
    if too_early(arms, planned_hits):
        st.warning(
            (
                f"Not every arm has reached the planned {decimal(planned_hits)} limit hits. Stopping at the first good "
                "number finds effects that aren't there: these intervals hold for one look, at the planned end."
            ),
            icon=":material/visibility_off:",
        )
    currency = taken.currency
    tables.show(
        pd.DataFrame([_row(arm, currency) for arm in arms]),
        key="pt_past",
        file_name="past-price-tests.csv",
        columns={
            "menu": tables.text(f"Prices ({currency.upper()})"),
            "hits": tables.whole("Limit hits"),
            "conversion": st.column_config.NumberColumn("Conversion (%)", format="%.1f"),
            "against": tables.text("vs. today's prices (pp)"),
            "revenue": tables.amounts(f"{currency.upper()} per limit hit", currency),
            "band": tables.text("95% interval"),
        },
    )
    st.caption(
        f"Differences in conversion use Newcombe's interval; money per limit hit uses {decimal(RESAMPLES)} bootstrap "
        "samples. Repeat hits by one workspace are correlated, so they count for less."
    )
    belief = facts.today(taken).belief
    if belief.measured:
        sentence = "Elasticity from these arms: {m:.2f} ± {s:.2f}"
        st.caption(minus(sentence.format(m=belief.mean, s=belief.spread)))


def _row(arm: PriceArm, currency: str) -> dict[str, object]:
    def units(hundreds: float) -> Decimal:
        return round(units_of(100 * hundreds, currency), digits_of(currency))

    return {
        "menu": " / ".join("–" if math.isnan(price) else f"{units(price):f}" for price in arm.prices),
        "hits": arm.hits,
        "conversion": 100 * arm.conversion,
        "against": "today's prices" if arm.against is None else _points(arm.against),
        "revenue": float(units(arm.revenue.value)),
        "band": f"{units(arm.revenue.low):f} … {units(arm.revenue.high):f}",
    }


def _points(effect: Interval) -> str:
    sign = "▲" if effect.value > 0 else "▼"
    band = minus(f"[{100 * effect.low:+.1f}, {100 * effect.high:+.1f}]")
    return f"{sign} {abs(100 * effect.value):.1f} {band}"
