"""The controls of the lab: segment, allowances, packages and assumptions, as one question."""

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from dashboard.kit import tables
from dashboard.kit.labels import CYCLE_NAMES, attribute_name, segment_name
from dashboard.screens.pricing import facts
from dashboard.text import decimal, plain
from ledger.money import cents_from, digits_of, units_of, why_not_charged
from ledger.pricing import BURN_ORDERS, Belief, Question, Snapshot, Tariff, TariffPackage

BURN_NAMES: Mapping[str, str] = {
    "plan_first": "Plan minutes first (as now)",
    "oldest_first": "Oldest minutes first",
    "extra_first": "Bought minutes first",
}
SLIDER_MOST = 1000
TRAIT = "pr_trait_"


def load(question: Question) -> None:
    """Put a question into the controls; call it from a callback or before they are drawn."""
    state = st.session_state
    state["pr_currency"], state["pr_segment"] = question.tariff.currency, question.segment
    for key in [name for name in state if str(name).startswith(TRAIT)]:
        state[key] = ""
    state.update({f"{TRAIT}{key}": segment for key, segment in question.traits})
    for plan, minutes in question.tariff.allowances.items():
        state[f"pr_allowance_{plan}"] = minutes
    state["pr_menu"] = [
        {
            "code": p.code,
            "name": p.name,
            "minutes": p.minutes,
            "price": float(units_of(p.amount_cents, question.tariff.currency)),
        }
        for p in question.tariff.packages
    ]
    state["pr_menu_no"] = state.get("pr_menu_no", 0) + 1
    state["pr_elasticity"], state["pr_spread"] = _on_sliders(question.belief)
    state["pr_belief"] = question.belief
    state["pr_need"] = question.need_weight
    state["pr_response"] = question.usage_response
    state["pr_churn"] = question.churn_uplift
    state["pr_burn"] = question.tariff.burn_order
    for name in ("most_packages", "carry_minutes", "package_life"):
        state[f"pr_{name}"] = getattr(question.tariff, name)


def begin(question: Question) -> None:
    """Handle the click on an example question: an opened scenario is not its earlier version."""
    load(question)
    st.session_state.pop("pr_opened", None)
    st.session_state.pop("pr_linked", None)
    st.query_params.pop("scenario", None)


def _on_sliders(belief: Belief) -> tuple[float, float]:
    """Return the slider positions of a belief, limited to the range of the sliders."""
    return round(min(max(belief.mean, -3.0), -0.05), 2), round(min(belief.spread, 1.0), 2)


def prepare(taken: Snapshot) -> None:
    """Fill the controls with today's tariff on the first visit; they persist across page changes.

    Prices of another currency go out of them, and a scenario with such prices is closed.
    """
    if "pr_segment" not in st.session_state:
        load(last(taken))
    elif st.session_state["pr_currency"] != taken.currency:
        begin(last(taken))


def last(taken: Snapshot) -> Question:
    """Return the question of the last run in this currency, else the one that changes nothing."""
    question: Question | None = st.session_state.get("pr_last")
    return question if question and question.tariff.currency == taken.currency else facts.today(taken)


def ready_made(taken: Snapshot) -> Mapping[str, Question]:
    """Return up to three example questions: a package 10% cheaper, a plan 25% smaller, one package fewer."""
    start = facts.today(taken)
    tariff = start.tariff
    questions: dict[str, Question] = {}
    smallest, *others = tariff.packages
    cents = smallest.amount_cents * 9 // 10
    if not why_not_charged(cents, tariff.currency):
        cheaper = (replace(smallest, amount_cents=cents), *others)
        price = decimal(float(units_of(cents, tariff.currency)), digits_of(tariff.currency))
        words = f"{plain(smallest.name)} at {price}?"
        questions[words] = replace(start, tariff=replace(tariff, packages=cheaper))
    if plans := {plan: minutes for plan, minutes in tariff.allowances.items() if minutes > 1}:
        plan = min(plans, key=plans.__getitem__)
        fewer = plans[plan] * 3 // 4
        words = f"{plain(plan.capitalize())} with {decimal(fewer)} minutes?"
        questions[words] = replace(
            start, tariff=replace(tariff, allowances={**tariff.allowances, plan: fewer})
        )
    if others:
        middle = tariff.packages[(len(tariff.packages) - 1) // 2]
        without = tuple(p for p in tariff.packages if p != middle)
        questions[f"Drop {plain(middle.name)}?"] = replace(start, tariff=replace(tariff, packages=without))
    return questions


def first_use(taken: Snapshot) -> None:
    """Draw a button for each example question, and one that resets to today's tariff."""
    with st.container(horizontal=True):
        for number, (words, question) in enumerate(ready_made(taken).items()):
            st.button(
                words,
                key=f"pr_ready_{number}",
                on_click=begin,
                args=[question],
                icon=":material/quiz:",
            )
        st.button(
            "Reset to today", key="pr_today", on_click=begin, args=[facts.today(taken)], type="tertiary"
        )


def question(taken: Snapshot) -> Question:
    """Draw the controls and return their question. Raises the errors of the lab."""
    segment = st.selectbox(
        "Segment",
        ["", *taken.history.segments],
        format_func=lambda plan: facts.names().plans.get(plan, plan) or "All plans",
        key="pr_segment",
    )
    traits = _traits(taken)
    allowances = {plan: _allowance(plan, minutes) for plan, minutes in taken.tariff.allowances.items()}
    packages = _menu(taken.currency)
    belief = _belief()
    with st.expander("More assumptions and rules"):
        assumed, rules = _assumptions(), _rules()
    tariff = Tariff(allowances, packages, taken.currency, **rules)
    return Question(tariff, belief, segment=str(segment or ""), traits=traits, **assumed)


def _traits(taken: Snapshot) -> tuple[tuple[str, str], ...]:
    """Draw a menu for billing cycle and each attribute, and a chip for each choice; return the choices."""
    state = st.session_state
    with st.popover("Filter", icon=":material/filter_list:"):
        for key, trait in taken.traits.items():
            state.setdefault(f"{TRAIT}{key}", "")
            st.selectbox(
                attribute_name(key),
                ["", *trait.segments[1:], trait.segments[0]],
                format_func=partial(trait_segment, key),
                key=f"{TRAIT}{key}",
            )
    chosen = tuple((key, str(state[f"{TRAIT}{key}"])) for key in taken.traits if state[f"{TRAIT}{key}"])
    for key, segment in chosen:
        st.button(
            f"{attribute_name(key)}: {plain(trait_segment(key, segment))}",
            key=f"chip_{key}",
            icon=":material/close:",
            icon_position="right",
            help="Remove this filter",
            on_click=state.update,
            args=({f"{TRAIT}{key}": ""},),
        )
    return chosen


def trait_segment(key: str, segment: str) -> str:
    """Return the label of a segment; "" selects all."""
    if not segment:
        return "All"
    return CYCLE_NAMES.get(segment, segment) if key == "billing_cycle" else segment_name(segment)


def _allowance(plan: str, today: int) -> int:
    return int(
        st.slider(
            f"{facts.names().plans.get(plan, plan)}: minutes a month",
            0,
            max(SLIDER_MOST, 2 * today, int(st.session_state.get(f"pr_allowance_{plan}", 0))),
            step=5,
            key=f"pr_allowance_{plan}",
            help=f"Today: {decimal(today)}",
        )
    )


def _menu(currency: str) -> tuple[TariffPackage, ...]:
    """Draw the editable table and return its complete rows; note incomplete ones."""
    edited = st.data_editor(
        pd.DataFrame(st.session_state["pr_menu"], columns=["code", "name", "minutes", "price"]),
        key=f"pr_menu_{st.session_state['pr_menu_no']}",
        num_rows="dynamic",
        hide_index=True,
        column_order=["name", "minutes", "price"],
        column_config={
            "name": st.column_config.TextColumn("Package", required=True, max_chars=60),
            "minutes": st.column_config.NumberColumn("Minutes", required=True, step=1, format="localized"),
            "price": tables.amounts(
                f"Price ({currency.upper()})", currency, required=True, step=float(units_of(1, currency))
            ),
        },
    )
    rows = edited.to_dict("records")
    whole = [row for row in rows if not any(pd.isna(row[name]) for name in ("name", "minutes", "price"))]
    if len(whole) < len(rows):
        st.caption("Rows count once they have a name, minutes and a price.")
    return tuple(_package(row, number, currency) for number, row in enumerate(whole))


def _package(row: Mapping[Any, Any], number: int, currency: str) -> TariffPackage:
    name = str(row["name"]).strip()
    code = row["code"] if isinstance(row["code"], str) and row["code"] else ""
    made_up = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:30] or "package"
    return TariffPackage(
        code or f"{made_up}-{number + 1}", name, int(row["minutes"]), cents_from(row["price"], currency)
    )


def _belief() -> Belief:
    """Return the elasticity and its spread: the measured ones until a slider moves."""
    mean = st.slider(
        "Elasticity of conversion",
        -3.0,
        -0.05,
        step=0.01,
        key="pr_elasticity",
        help="% drop in conversion when all prices rise 1%.",
    )
    spread = st.slider(
        "Uncertainty (±)", 0.0, 1.0, step=0.01, key="pr_spread",
        help="Standard error of the elasticity: two of three draws lie within it.",
    )  # fmt: skip
    loaded: Belief = st.session_state["pr_belief"]
    untouched = _on_sliders(loaded) == (round(mean, 2), round(spread, 2))
    belief = loaded if untouched else Belief(float(mean), float(spread))
    if belief.measured:
        st.badge("measured", icon=":material/straighten:", color="green")
    else:
        st.badge("assumption", icon=":material/psychology:", color="orange")
    return belief


def _assumptions() -> dict[str, float]:
    return {
        "need_weight": float(
            st.number_input(
                "Value of a needed minute", 0.0, 1.0, step=0.001, format="%.4f", key="pr_need",
                help="How much more customers value a package that covers their need until the next plan credit.",
            )
        ),
        "usage_response": float(
            st.slider("Usage follows the allowance by", 0.0, 0.3, step=0.05, format="percent",
                      key="pr_response",
                      help="0% means no change. This is an assumption: allowances never varied at random.")
        ),
        "churn_uplift": float(
            st.slider("Churn per 10% higher bill", 0.0, 0.2, step=0.01, format="percent",
                      key="pr_churn",
                      help="0% means nobody leaves. This is an assumption; the break-even shows how high it could be.")
        ),
    }  # fmt: skip


def _rules() -> dict[str, Any]:
    """Return burn order, caps and expiry: exact by the closed form, or by the step-by-step replay."""
    return {
        "burn_order": st.selectbox(
            "Order of use", list(BURN_ORDERS), format_func=lambda name: BURN_NAMES[name], key="pr_burn"
        ),
        "most_packages": st.number_input(
            "Max. packages per plan period", 0, 1000, step=1, key="pr_most_packages",
            placeholder="no cap", value=None,
        ),
        "carry_minutes": st.number_input(
            "Max. plan minutes carried over", 0, 1_000_000, step=10, key="pr_carry_minutes",
            placeholder="all", value=None,
        ),
        "package_life": st.number_input(
            "Packages expire after (plan periods)", 1, 1000, step=1, key="pr_package_life",
            placeholder="forever", value=None,
        ),
    }  # fmt: skip
