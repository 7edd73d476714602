"""Forms: a key lives until its action succeeded; a reason has words."""

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.kit.forms import MissingReason, Reason, field_of
from ledger.errors import InvalidEmail, InvalidText, LedgerError
from ledger.payments.errors import InvalidCatalogue
from tests.pages.visits import PATIENCE_SECONDS

PROBE = """
import streamlit as st
from dashboard.kit import forms
from dashboard.actions import ActionResult
from ledger.errors import InvalidText

def fail():
    raise InvalidText("**no**")

st.text(forms.key_of("form"))
st.button("fail", on_click=forms.carry_out, args=("form", fail))
st.button("work", on_click=forms.carry_out, args=("form", lambda: ActionResult("<b>did</b>")))
forms.report()
"""


def test_a_reason_is_code_words_and_ticket() -> None:
    assert Reason("goodwill", " sorry ", "T-1").checked() == "Goodwill: sorry [T-1]"
    assert Reason("other", "x", "").checked() == "Other: x"
    with pytest.raises(MissingReason):
        Reason("goodwill", "  ", "T-1").checked()


def test_a_refusal_keeps_the_key_and_success_makes_a_new_one() -> None:
    app = AppTest.from_string(PROBE, default_timeout=PATIENCE_SECONDS).run()
    key = app.text[0].value

    app.button[0].click().run()
    assert app.text[0].value == key
    assert r"\*\*no\*\*" in app.error[0].value

    app.button[1].click().run()
    assert app.text[0].value != key
    assert app.toast[0].value == r"\<b\>did\<\/b\>"

    app.run()
    assert len(app.toast) == 0


def test_a_missing_reason_is_said_once_beneath_its_field_and_nowhere_else() -> None:
    app = AppTest.from_string(
        """
        import streamlit as st
        from dashboard.kit import forms
        forms.report()
        forms.reason_fields("one")
        forms.reason_fields("two")
        st.button("go", on_click=lambda: forms.carry_out("one", lambda: forms.reason_of("two").checked()))
        """,
        default_timeout=PATIENCE_SECONDS,
    ).run()

    app.button[0].click().run()

    assert [caption.value for caption in app.caption] == [
        r":red[:material/error: Enter a reason\. It is shown on the statement\.]"
    ]
    assert len(app.error) == 0
    app.run()
    assert len(app.caption) == 0


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", r"Enter a note\."),
        ("   ", r"Enter a note\."),
        ("x" * 11, r"Use at most 10 characters\."),
        ("a\x00b", r"Remove the character that can\'t be stored\."),
    ],
)
def test_a_text_that_cannot_be_stored_is_said_beneath_its_field_with_the_one_cause(
    typed: str, said: str
) -> None:
    app = AppTest.from_string(
        f"""
        import streamlit as st
        from dashboard.kit import forms
        from ledger.validation import require_text
        forms.report()
        forms.text_field("One", key="one")
        forms.text_field("Two", key="two")
        st.button("go", on_click=lambda: forms.carry_out(
            "form", lambda: require_text({typed!r}, "note", at_most=10), fields={{"note": "two"}}))
        """,
        default_timeout=PATIENCE_SECONDS,
    ).run()

    app.button[0].click().run()

    assert [caption.value for caption in app.caption] == [f":red[:material/error: {said}]"]
    assert len(app.error) == 0


@pytest.mark.parametrize(
    ("error", "field"),
    [
        (InvalidText("x", what="note"), "note field"),
        (InvalidText("x", what="title"), "any text"),
        (InvalidEmail("x"), ""),
        (MissingReason("words"), "words"),
        (InvalidCatalogue("x.", what="arm"), "arm field"),
    ],
)
def test_an_error_belongs_to_the_field_of_its_text_else_of_its_code_else_to_the_form(
    error: LedgerError, field: str
) -> None:
    fields = {"note": "note field", "invalid_text": "any text", "arm": "arm field"}

    assert field_of(error, fields) == field


@pytest.mark.parametrize(
    ("cents", "currency", "typed"),
    [(1999, "usd", 19.99), (1, "usd", 0.01), (500, "jpy", 500), (2905, "kwd", 2.905)],
)
def test_money_is_typed_as_it_is_written_and_stored_in_exact_cents(
    cents: int, currency: str, typed: float
) -> None:
    app = AppTest.from_string(
        f"""
        import streamlit as st
        from dashboard.kit import forms
        st.text(forms.money_field("Price", 7, key="price", least=1, most=999_999, currency="{currency}"))
        """,
        default_timeout=PATIENCE_SECONDS,
    ).run()

    app.number_input(key="price").set_value(typed).run()

    assert app.text[0].value == str(cents)
