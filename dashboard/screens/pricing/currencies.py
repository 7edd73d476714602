"""The currency that the lab replays: chosen where a source has several, and in the address."""

from collections.abc import Sequence

import streamlit as st

from dashboard import installation
from dashboard.kit.choices import currency_menu
from dashboard.screens.pricing import address, facts
from dashboard.text import counted, money, plain
from dashboard.url import one_of, parameter, put
from ledger.pricing import LeftOut, PricingRefused, Question, Snapshot, get_scenario

PARAMETER = "currency"
OF_ONE_CURRENCY = (address.PARAMETER, "scenario")
"""What the address has of a question, whose prices are in one currency."""


def chosen() -> str:
    """Return the currency to replay, that of the question in the address first; draw the choice among several.

    The address has it as `?currency=`, unless it is the first.
    """
    known = facts.list_currencies()
    _follow_question(known)
    if len(known) == 1:
        return one_of(PARAMETER, known, label="Currency")
    return currency_menu(
        known, shows="the lab replays the workspaces that pay in one.", without=OF_ONE_CURRENCY
    )


def _follow_question(known: Sequence[str]) -> None:
    """Write the currency of the question in the address into it; warn about one that can't be replayed."""
    question = _question()
    if question is None:
        return
    currency = question.tariff.currency
    if currency not in known:
        st.warning(f"This question is in {currency.upper()}, in which nothing is on sale or was paid for.")
    elif currency != (parameter(PARAMETER) or known[0]):
        put(PARAMETER, "" if currency == known[0] else currency)


def _question() -> Question | None:
    """Return the question that the address holds or names; None without one."""
    try:
        if code := st.query_params.get(address.PARAMETER, ""):
            return address.decoded(code)
        if scenario := parameter("scenario"):
            with installation.reading() as connection:
                return get_scenario(connection, scenario).question
    except PricingRefused:
        return None  # who opens it says so
    return None


def state_left_out(taken: Snapshot) -> None:
    """Draw what the replay leaves out; nothing when it is everything there is."""
    if others := describe_left_out(taken.left_out):
        sentence = f"This replay is in {taken.currency.upper()}. Left out: {plain(others)}."
        st.info(sentence, icon=":material/payments:")


def describe_left_out(left_out: Sequence[LeftOut]) -> str:
    """Return what a replay leaves out, in a phrase of plain text; empty when it is everything there is."""
    workspaces = sum(each.workspaces for each in left_out)
    paying_in = " or ".join(each.currency.upper() for each in left_out if each.workspaces)
    amounts = " and ".join(money(each.cents, each.currency) for each in left_out if each.cents)
    parts = [
        counted(workspaces, "{n} workspace that pays in {c}", "{n} workspaces that pay in {c}", c=paying_in)
        if workspaces
        else "",
        f"purchases of {amounts}" if amounts else "",
    ]
    return ", and ".join(part for part in parts if part)
