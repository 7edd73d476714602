"""Forms: idempotency keys, reasons, money fields, confirmations, and the report of the last action."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any
from uuid import uuid4

import streamlit as st
from sqlalchemy.exc import OperationalError

from dashboard.actions import ActionResult
from dashboard.actions.acting import Unreachable
from dashboard.text import plain, problem
from ledger.errors import InvalidText, LedgerError
from ledger.money import CURRENCIES, MINIMUM_CENTS, cents_from, digits_of
from ledger.validation import is_valid_text

REASONS: Mapping[str, str] = {
    "goodwill": "Goodwill",
    "outage": "Outage or fault of ours",
    "billing": "Billing mistake",
    "promise": "Promised by sales",
    "test": "Test",
    "other": "Other (say which)",
}


NO_FIELDS: Mapping[str, str] = MappingProxyType({})
TO_VERIFY = "Use this secret to verify messages. It is shown once."


class FieldFault(LedgerError):
    """This field can't stay as it is."""

    def __init__(self, field: str = "") -> None:
        """Store the key of the field, which the page marks."""
        super().__init__()
        self.field = field


class MissingReason(FieldFault):
    """Enter a reason. It is shown on the statement."""

    code = "missing_reason"


class InvalidTicket(FieldFault):
    """Enter the link or the number of one ticket, without spaces."""

    code = "invalid_ticket"


class ReadAgain(LedgerError):
    """The amount changed while you clicked, so nothing was done. Review it, then click again."""

    code = "read_again"


@dataclass(frozen=True)
class Reason:
    """The reason for an action: a code, a note, and an optional ticket; `prefix`: of the keys of its fields."""

    code: str
    words: str
    ticket: str
    prefix: str = ""

    def text(self) -> str:
        """Return the reason as the statement shows it."""
        parts = [REASONS[self.code].split(" (")[0], self.words.strip()]
        ticket = f" [{self.ticket.strip()}]" if self.ticket.strip() else ""
        return ": ".join(part for part in parts if part) + ticket

    def checked(self) -> str:
        """Return the text. Raise MissingReason when the note is empty, InvalidTicket for words in place of a link."""
        if not self.words.strip():
            raise MissingReason(f"{self.prefix}_words")
        if len(self.ticket.split()) > 1 or not is_valid_text(self.ticket):
            raise InvalidTicket(f"{self.prefix}_ticket")
        return self.text()


def key_of(form: str) -> str:
    """Return the idempotency key of the next submission. It lasts until `finished`: a double click is one action."""
    return str(st.session_state.setdefault(f"key of {form}", str(uuid4())))


def finished(form: str) -> None:
    """Drop the key: the next submission is a new action."""
    st.session_state.pop(f"key of {form}", None)


def pick(label: str, named: Mapping[Any, str], *, key: str) -> None:
    """Draw a choice that begins empty. A form with nothing to choose from is not drawn at all."""
    st.selectbox(label, list(named), index=None, key=key, format_func=named.__getitem__)


def reason_fields(prefix: str) -> Reason:
    """Draw the fields of a reason and return it. The note is required."""
    code = st.selectbox("Reason", list(REASONS), format_func=lambda code: REASONS[code], key=f"{prefix}_code")
    words = text_field("Note", key=f"{prefix}_words", max_chars=400, placeholder="Shown on the statement")
    ticket = text_field("Ticket link (optional)", key=f"{prefix}_ticket", max_chars=80)
    return Reason(str(code), str(words or ""), str(ticket or ""), prefix)


def reason_of(prefix: str) -> Reason:
    """Return the reason as its fields hold it now, for a callback."""
    code, words, ticket = (
        str(st.session_state[f"{prefix}_{part}"] or "") for part in ("code", "words", "ticket")
    )
    return Reason(code, words, ticket, prefix)


def show_fault(field: str, sentence: str) -> None:
    """Show what is wrong with a field beneath it, at the next run of the page."""
    st.session_state["field error"] = (field, plain(sentence))


def text_field(label: str, *, key: str, value: str = "", tall: bool = False, **options: Any) -> str:
    """Draw a field for text with what was wrong with it at the last try beneath; return what it holds."""
    draw: Any = st.text_area if tall else st.text_input
    typed = draw(label, value, key=key, **options)
    field_error(key)
    return str(typed or "")


def field_error(field: str) -> None:
    """Draw the error of a field below it, once, and mark the field."""
    wrong, sentence = st.session_state.get("field error", ("", ""))
    if wrong == field:
        del st.session_state["field error"]
        draw_fault(field, sentence)


def draw_fault(field: str, sentence: str) -> None:
    """Draw what is wrong with the field above, and mark it."""
    with st.container(key=f"invalid_{field}"):
        st.caption(f":red[:material/error: {sentence}]")


def money_field(
    label: str, cents: int, *, key: str, least: int = 0, most: int, currency: str = "usd", **options: Any
) -> int:
    """Draw a field for an amount in whole units, `19.99`; return its cents, like `cents_of` in a callback."""
    digits = digits_of(currency)
    st.number_input(
        label,
        min_value=least / 10**digits,
        max_value=most / 10**digits,
        value=cents / 10**digits,
        step=1.0,
        format=f"%.{digits}f",
        key=key,
        **options,
    )
    return cents_of(key, currency)


def currency_field(key: str, **options: Any) -> str:
    """Draw the choice of a currency that Stripe charges; return its code."""
    return str(
        st.selectbox(
            "Currency",
            sorted(CURRENCIES, key=lambda code: (code not in MINIMUM_CENTS, code)),
            index=sorted(MINIMUM_CENTS).index("usd"),
            format_func=str.upper,
            key=key,
            **options,
        )
    )


def cents_of(key: str, currency: str = "usd") -> int:
    """Return the exact cents typed into a money field."""
    return cents_from(st.session_state[key], currency)


def carry_out(
    form: str,
    action: Callable[[], ActionResult],
    *,
    clear: tuple[str, ...] = (),
    fields: Mapping[str, str] = NO_FIELDS,
) -> ActionResult | None:
    """Run an action of a form and store its answer for `report`; a refusal leaves the form as it is.

    A database that does not answer keeps the key: had it been done after all, doing it again changes nothing.
    `clear`: widget keys to empty after success (call this from a callback, where that is allowed). `fields`: the widget
    key of the field that an error is about, by the error's code or by the text that is wrong; there it is shown. A
    secret among the details of the answer waits for `show_secret`.
    """
    try:
        done = action()
    except LedgerError as error:
        if field := field_of(error, fields):
            show_fault(field, _cause(error))
        else:
            st.session_state["report"] = ("error", problem(error))
        return None
    except OperationalError:
        st.session_state["report"] = ("error", problem(Unreachable()))
        return None
    st.session_state["report"] = (
        "info" if done.waits_for or done.repeated else "success",
        plain(done.sentence),
    )
    finished(form)
    if "secret" in done.details:
        st.session_state[f"secret of {form}"] = done.details["secret"]
    for name in clear:
        st.session_state[name] = ""
    return done


def field_of(error: LedgerError, fields: Mapping[str, str]) -> str:
    """Return the widget key of the field that an error is about; nothing when it is about the whole form."""
    if isinstance(error, FieldFault):
        return error.field
    return fields.get(getattr(error, "what", "")) or fields.get(error.code, "")


def _cause(error: LedgerError) -> str:
    """Return what is wrong with a field: one sentence, one cause."""
    cause = error.cause if isinstance(error, InvalidText) else ""
    return cause or (error.detail if error.detail.endswith(".") else error.meaning())


def show_secret(form: str, use: str = TO_VERIFY) -> None:
    """Show the secret that the last action of a form created, once; `use`: what it is for."""
    if secret := st.session_state.pop(f"secret of {form}", None):
        draw_secret(secret, use)


def draw_secret(secret: str, use: str = TO_VERIFY) -> None:
    """Draw a secret to copy."""
    st.write(use)
    st.code(secret, language=None)


def ask_to_confirm(name: str, what: Any) -> None:
    """Store the pending action `what` until `confirmation` runs or cancels it; report an empty choice."""
    if is_chosen(what):
        st.session_state[f"confirm {name}"] = what


def is_chosen(what: Any) -> bool:
    """Return whether something is chosen; report an empty choice."""
    if not what:
        st.session_state["report"] = ("error", "Choose something first.")
    return bool(what)


def confirmation(name: str, question: Callable[[Any], str], act: Callable[[Any], Any], *, yes: str) -> None:
    """Draw the `question` about the pending action, with buttons to confirm or cancel it."""
    what = st.session_state.get(f"confirm {name}")
    if what is None:
        return

    def answered(*, agreed: bool) -> None:
        del st.session_state[f"confirm {name}"]
        if agreed:
            act(what)

    with st.container(border=True):
        st.warning(question(what), icon=":material/help:")
        with st.container(horizontal=True):
            st.button(yes, key=f"{name}_yes", type="primary", on_click=answered, kwargs={"agreed": True})
            st.button("Cancel", key=f"{name}_no", on_click=answered, kwargs={"agreed": False})


def report() -> None:
    """Show the result of the last action once: a toast, or an error that stays."""
    kind, sentence = st.session_state.pop("report", ("", ""))
    if kind == "error":
        st.error(sentence)
    elif kind:
        icon = ":material/check_circle:" if kind == "success" else ":material/info:"
        st.toast(sentence, icon=icon, duration="long")
