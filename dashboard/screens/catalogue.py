"""The catalogue: packages and plan prices in versions, and price tests."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, time, timedelta
from functools import partial

import pandas as pd
import streamlit as st
from sqlalchemy import Connection

from dashboard import actions, installation
from dashboard.access import operator_or_nobody
from dashboard.clock import present
from dashboard.kit import forms, states, tables, template
from dashboard.screens.package_form import on_sale
from dashboard.text import counted, minutes, moment, money, plain
from ledger.payments import (
    STANDARD,
    InvalidCatalogue,
    Package,
    list_package_versions,
    list_packages,
    list_price_tests,
    require_price_test,
    running_price_test,
)

TEST_FIELDS = {"name": "test_name", "arms": "test_arms", "end": "test_until"}
"""The field that a fault of a new price test is about."""


def offer(db: Connection) -> None:
    """Draw the answer, and the packages offered outside price tests, smallest first."""
    packages = list_packages(db, at=present())
    running = running_price_test(db, at=present())
    said = answer(packages, running.test if running else "")
    template.answer(said, tone="neutral" if packages else "attention")
    with template.tile_row():
        for package in packages:
            with st.container(border=True):
                st.metric(plain(package.name), money(package.amount_cents, package.currency))
                per_minute = money(round(package.amount_cents * 100 / package.minutes), package.currency)
                st.caption(f"{minutes(package.minutes)} · {per_minute} per 100 min")


def answer(packages: Sequence[Package], price_test: str) -> str:
    """Return what is on sale, in one sentence."""
    if not packages:
        return "**Nothing is on sale**: customers see no offer. Add a package below."
    prices = sorted((each.amount_cents, money(each.amount_cents, each.currency)) for each in packages)
    span = " to ".join(dict.fromkeys(plain(each) for _cents, each in (prices[0], prices[-1])))
    test = f"; price test **{plain(price_test)}** is running" if price_test else ""
    return f"**{counted(len(packages), '{n} package', '{n} packages')} on sale**, {span}{test}."


def versions(db: Connection) -> None:
    """Draw every version of every package, on sale or not."""
    rows = list_package_versions(db)
    frame = pd.DataFrame(
        [asdict(row) | {"price": money(row.amount_cents, row.currency), "state": _state(row)} for row in rows]
    )
    tables.show(
        frame,
        key="package_versions",
        file_name="packages.csv",
        columns={
            "code": tables.text("Code"),
            "version": tables.whole("Version"),
            "arm": tables.text("Arm"),
            "name": tables.text("Name"),
            "minutes": tables.whole("Minutes"),
            "price": tables.text("Price", alignment="right"),
            "state": states.column("State", ("On sale", "Ended", "Planned"), width=110),
            "valid_from": tables.when("From"),
            "valid_to": tables.when("Until"),
            "stripe_price": tables.text("Stripe price"),
            "created_by": tables.text("By"),
        },
    )
    st.caption("A new price never changes past purchases.")


def _state(row: Package) -> str:
    if on_sale(row):
        return "On sale"
    return "Planned" if row.valid_from > present() else "Ended"


def withdrawal(db: Connection) -> None:
    """Draw the choice that takes a package off sale."""
    selling = [row for row in list_package_versions(db) if row.valid_to is None or row.valid_to > present()]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox("On sale", selling, format_func=_named, key="withdraw_package")
        if chosen:
            st.button(
                "Take off sale", key="withdraw", on_click=forms.ask_to_confirm, args=("take_off", chosen)
            )
    forms.confirmation("take_off", _off_sale, withdraw, yes="Take off sale")


def _named(package: Package) -> str:
    price = money(package.amount_cents, package.currency)
    return f"{package.name} · {package.arm} · {minutes(package.minutes)} · {price}"


def _off_sale(package: Package) -> str:
    return (
        f"Customers can no longer buy {plain(package.name)} ({plain(package.code)}, "
        f"{plain(package.arm)}), {minutes(package.minutes)} for "
        f"{money(package.amount_cents, package.currency)}, at once. Past purchases stay "
        "valid. Publish a new version to sell it again."
    )


def withdraw(package: Package) -> None:
    """Take the package off sale."""
    act = partial(actions.withdraw_package, operator_or_nobody(), package.code, package.arm)
    forms.carry_out("withdraw", lambda: act(key=forms.key_of("withdraw")))


def price_tests(db: Connection) -> None:
    """Draw the price tests; the id of a workspace decides its arm."""
    running = running_price_test(db, at=present())
    tests = list_price_tests(db)
    tables.show(
        pd.DataFrame([asdict(test) | {"arms": ", ".join(test.arms)} for test in tests]),
        key="price_tests",
        file_name="price-tests.csv",
        empty="No price tests yet.",
        columns={
            "test": tables.text("Test"),
            "arms": tables.text("Arms"),
            "starts_at": tables.when("From"),
            "ends_at": tables.when("Until"),
        },
    )
    if running:
        until = moment(running.ends_at) if running.ends_at else "you end it"
        st.info(f"{plain(running.test)} runs until {until}.")
        st.button("End test", key="end_test", on_click=forms.ask_to_confirm, args=("end", running.test))
        forms.confirmation("end", _ended, end_test, yes="End test")
        return
    arms = sorted({package.arm for package in list_package_versions(db)} | {STANDARD})
    with st.form("test_form", border=True):
        forms.text_field("Name", key="test_name", max_chars=64)
        st.multiselect("Arms", arms, default=[STANDARD], key="test_arms")
        forms.field_error("test_arms")
        st.date_input("Last day (empty: until you end it)", None, key="test_until")
        forms.field_error("test_until")
        st.form_submit_button("Start test", key="test_submit", on_click=ask_to_start)
    forms.confirmation("test", _started, start_test, yes="Start test")


@dataclass(frozen=True)
class NewTest:
    """A price test to start."""

    name: str
    arms: tuple[str, ...]
    ends_at: datetime | None


def ask_to_start() -> None:
    """Ask for a confirmation: customers see other prices at once. A fault is shown at its field instead."""
    state = st.session_state
    last = state["test_until"]
    ends_at = (
        datetime.combine(last + timedelta(days=1), time(), installation.settings().report_zone)
        if last
        else None
    )
    new = NewTest(state["test_name"].strip(), tuple(state["test_arms"]), ends_at)
    try:
        require_price_test(new.name, new.arms, starts_at=present(), ends_at=ends_at)
    except InvalidCatalogue as error:
        forms.show_fault(TEST_FIELDS[error.what], error.detail)
    else:
        forms.ask_to_confirm("test", new)


def _started(new: NewTest) -> str:
    until = moment(new.ends_at) if new.ends_at else "you end it"
    return "Customers see the prices of their arms at once, until {until}: {name}, {arms}.".format(
        until=until, name=plain(new.name), arms=plain(", ".join(new.arms))
    )


def start_test(new: NewTest) -> None:
    """Start the price test."""
    operator, key = operator_or_nobody(), forms.key_of("price test")
    start = partial(actions.start_price_test, operator, new.name, new.arms, ends_at=new.ends_at, key=key)
    forms.carry_out("price test", start, fields=TEST_FIELDS)


def _ended(test: str) -> str:
    return f"All workspaces get the standard packages at once. {plain(test)} can't be resumed."


def end_test(test: str) -> None:
    """End the price test."""
    act = partial(actions.end_price_test, operator_or_nobody(), test)
    forms.carry_out("end test", lambda: act(key=forms.key_of("end test")))
