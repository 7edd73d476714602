"""A choice that the address holds: shown, changed, and named when it means nothing."""

from streamlit.testing.v1 import AppTest

from tests.commands import PATIENCE_SECONDS


def _page() -> None:
    import streamlit as st  # noqa: PLC0415 - the page is a script of its own

    from dashboard.kit.choices import choice  # noqa: PLC0415

    chosen = choice("Size", {"s": "Small", "l": "Large"}, key="size", default="l")
    other = choice("Colour", {"": "All", "red": "Red"}, key="colour", default="")
    st.markdown(f"{chosen} {other}")


def opened(**query: str) -> AppTest:
    """Return a page with two choices at an address."""
    app = AppTest.from_function(_page, default_timeout=PATIENCE_SECONDS)
    for name, value in query.items():
        app.query_params[name] = value
    return app.run()


def test_a_choice_is_its_default_until_the_address_says_otherwise() -> None:
    assert [opened().markdown[0].value, opened(size="s", colour="red").markdown[0].value] == ["l", "s red"]


def test_a_choice_goes_into_the_address_and_leaves_the_other_there() -> None:
    app = opened(colour="red")

    app.selectbox[0].select("s").run()

    assert (app.markdown[0].value, app.query_params["size"], app.query_params["colour"]) == (
        "s red",
        "s",
        "red",
    )


def test_a_value_that_is_no_choice_is_named_and_dropped() -> None:
    app = opened(size="xl", colour="red")

    assert app.markdown[0].value == "l red"
    assert "size" not in app.query_params
    assert "size: xl" in app.toast[0].value
