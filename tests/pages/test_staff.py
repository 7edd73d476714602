"""The Staff page: people, limits, and keys whose secret is shown once."""

from sqlalchemy import Engine

from dashboard.clock import present
from ledger.database import reading, writing
from ledger.desk import keys, staff
from tests.pages.visits import hire, visit, words


def test_an_administrator_adds_a_user_and_deactivates_them(engine: Engine) -> None:
    page = visit(engine, "staff", email=hire(engine, "admin"))

    page.text_input(key="staff_email").set_value("New@Example.com")
    page.selectbox(key="staff_role").set_value("viewer")
    page.button(key="staff_submit").click().run()
    assert "new@example.com can sign in as viewer" in words(page)

    page.selectbox(key="leave_email").set_value("new@example.com")
    page.button(key="leave_submit").click().run()
    with reading(engine) as db:
        assert not any(row.disabled_at for row in staff.list_staff(db))
    assert "new@example.com can no longer sign in" in words(page)
    page.button(key="deactivate_yes").click().run()
    with reading(engine) as db:
        out = {row.email for row in staff.list_staff(db) if row.disabled_at}
    assert out == {"new@example.com"}


def test_deactivating_or_revoking_without_a_choice_says_so(engine: Engine) -> None:
    email = hire(engine, "admin")
    hire(engine, "viewer")
    with writing(engine) as db:
        keys.create_key(db, name="recorder", scopes=("usage:write",), actor="test", at=present())

    for tab, button in (("people", "leave_submit"), ("keys", "revoke_submit")):
        page = visit(engine, "staff", email=email, tab=tab)
        page.button(key=button).click().run()

        assert "Choose something first." in words(page)
    page = visit(engine, "staff", email=email, tab="keys")
    page.button(key="limit_submit").click().run()
    assert "Choose something first." in words(page)


def test_an_admin_alone_sees_no_form_to_deactivate_and_none_to_revoke_before_there_is_a_key(
    engine: Engine,
) -> None:
    email = hire(engine, "admin")

    for tab in ("people", "keys", "sessions"):
        page = visit(engine, "staff", email=email, tab=tab)

        assert not page.exception
        assert {"Save user", "Create key"} & {button.label for button in page.button} or tab == "sessions"
        assert not {"Deactivate", "Revoke", "Save limit", "End all sessions"} & {
            button.label for button in page.button
        }


def test_limits_are_changed_for_one_role(engine: Engine) -> None:
    page = visit(engine, "staff", email=hire(engine, "admin"), tab="limits")

    page.selectbox(key="filter_role").set_value("support").run()
    page.number_input(key="support_minutes_per_grant").set_value(42)
    page.button(key="limits_submit").click().run()

    with reading(engine) as db:
        assert staff.limits(db)["support"].minutes_per_grant == 42
        assert staff.limits(db)["admin"].minutes_per_grant == 3000


def test_the_secret_of_a_key_is_shown_once(engine: Engine) -> None:
    page = visit(engine, "staff", email=hire(engine, "admin"), tab="keys")

    page.text_input(key="key_name").set_value("recorder")
    page.multiselect(key="key_scopes").set_value(["usage:write"])
    page.button(key="key_submit").click().run()

    with reading(engine) as db:
        [made] = keys.list_keys(db)
    secret = page.code[0].value
    assert made.key_id in secret
    page.run()
    assert not page.code

    page.selectbox(key="limit_id").set_value(made.key_id)
    page.number_input(key="limit_most").set_value(600)
    page.button(key="limit_submit").click().run()
    with reading(engine) as db:
        assert [each.requests_per_minute for each in keys.list_keys(db)] == [600]

    page.selectbox(key="revoke_id").set_value(made.key_id)
    page.button(key="revoke_submit").click().run()
    with reading(engine) as db:
        assert keys.list_keys(db)[0].revoked_at is None
    assert "can't be restored" in words(page)
    page.button(key="revoke_yes").click().run()
    with reading(engine) as db:
        assert keys.list_keys(db)[0].revoked_at is not None
