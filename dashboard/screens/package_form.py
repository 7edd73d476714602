"""The form that puts a package, or a new price, on sale: it confirms what changes before customers see it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import streamlit as st
from sqlalchemy import Connection

from dashboard import actions
from dashboard.access import operator_or_nobody
from dashboard.clock import present
from dashboard.kit import forms
from dashboard.text import decimal, minutes, money, plain
from ledger.payments import CENTS, MINUTES, STANDARD, Package, list_package_versions


def new_version(db: Connection) -> None:
    """Draw the form that puts a package, or a new price, on sale; it starts with what is sold now."""
    versions_known = list_package_versions(db)
    known = {package.code: package for package in reversed(versions_known)}
    chosen = st.selectbox(
        "Package",
        sorted(known, key=lambda code: known[code].minutes),
        key="package_code",
        accept_new_options=True,
        help="Type a new code to add a package.",
    )
    code = str(chosen or "").strip()
    present_one = known.get(code)
    currency = forms.currency_field("package_currency", help="Each currency has its own version.")
    with st.form("package_form", border=True):
        left, right = st.columns(2)
        with left:
            name = present_one.name if present_one else ""
            forms.text_field("Name", value=name, key=f"package_name_{code}", max_chars=100)
        with right:
            forms.text_field(
                "Arm",
                value=STANDARD,
                key=f"package_arm_{code}",
                max_chars=40,
                help="Use an arm other than standard only in a price test.",
            )
        minutes_now, cents_now = (present_one.minutes, present_one.amount_cents) if present_one else (60, 999)
        left.number_input("Minutes", MINUTES[0], MINUTES[-1], minutes_now, key=f"package_minutes_{code}")
        with right:
            _price_field(cents_now, f"package_price_{code}", currency)
            forms.field_error(f"package_price_{code}")
        st.form_submit_button(
            "Put on sale",
            type="primary",
            key="package_submit",
            on_click=ask_to_publish,
            args=(code, currency, [row for row in versions_known if on_sale(row)]),
        )
    forms.confirmation("publish", question, publish, yes="Put on sale")


def _price_field(cents: int, key: str, currency: str) -> None:
    label = f"Price ({currency.upper()})"
    forms.money_field(label, cents, key=key, least=CENTS[0], most=CENTS[-1], currency=currency)


def on_sale(row: Package) -> bool:
    """Return whether customers can buy this version now."""
    now = present()
    return row.valid_from <= now and (row.valid_to is None or row.valid_to > now)


@dataclass(frozen=True)
class Publication:
    """A package to put on sale, and the version that it replaces; None for one that is not sold yet."""

    new: actions.NewPackage
    before: Package | None

    @property
    def changes(self) -> list[str]:
        """Return what changes, old → new; nothing when the new version is the one on sale."""
        if self.before is None:
            return ["new"]
        old, new = self.before, self.new
        pairs = (
            ("name", plain(old.name), plain(new.name)),
            ("minutes", decimal(old.minutes), decimal(new.minutes)),
            (
                "price",
                plain(money(old.amount_cents, old.currency)),
                plain(money(new.amount_cents, new.currency)),
            ),
        )
        return [f"{what} {was} → **{will}**" for what, was, will in pairs if was != will]


def ask_to_publish(code: str, currency: str, selling: Sequence[Package]) -> None:
    """Ask for a confirmation: customers see the new price at once. What is on sale already is refused."""
    state = st.session_state
    new = actions.NewPackage(
        code=code,
        name=state[f"package_name_{code}"].strip(),
        minutes=int(state[f"package_minutes_{code}"]),
        amount_cents=forms.cents_of(f"package_price_{code}", currency),
        currency=currency,
        arm=state[f"package_arm_{code}"].strip() or STANDARD,
    )
    same = (row for row in selling if (row.code, row.arm, row.currency) == (code, new.arm, currency))
    publication = Publication(new, next(same, None))
    if publication.changes:
        forms.ask_to_confirm("publish", publication)
    else:
        forms.show_fault(
            f"package_price_{code}", "Nothing changed: this package is on sale at this price already."
        )


def question(publication: Publication) -> str:
    """Return what customers will see at once, and what changes for them."""
    new = publication.new
    named = f"{plain(new.name)} ({plain(new.code)}, {plain(new.arm)})"
    price = money(new.amount_cents, new.currency)
    said = f"Customers see it at once: {named}, {minutes(new.minutes)} for {price}."
    if publication.before is None:
        return f"{said} It is not on sale yet."
    return f"{said} Changes: {', '.join(publication.changes)}."


def publish(publication: Publication) -> None:
    """Put the package on sale: product and price at Stripe first, then our own row."""
    code = publication.new.code
    act = partial(actions.publish_package, operator_or_nobody(), publication.new)
    about = {what: f"package_{what}_{code}" for what in ("name", "arm", "price")}
    forms.carry_out("package", lambda: act(key=forms.key_of("package")), fields=about)
