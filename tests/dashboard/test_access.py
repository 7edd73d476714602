"""Who is at the screen: the identity provider says who, the staff list says what, and neither is believed too long."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine
from streamlit.testing.v1 import AppTest

import ledger
from dashboard.access import DEMO_STAFF, LOCAL_ADMINISTRATOR, PERMISSIONS, ROLES, Operator
from dashboard.clock import present
from ledger.database import writing
from ledger.desk import staff
from tests.pages.visits import AUTH, PATIENCE_SECONDS, claims, hire, use

PROBE = """
import streamlit as st
from dashboard.access import current_operator, may_act_as
operator = current_operator()
st.text(f"{operator.actor if operator else 'nobody'} {operator.role if operator else ''}")
st.caption(str(may_act_as()))
"""


def _who(user: dict[str, Any] | None, **state: str) -> str:
    app = AppTest.from_string(PROBE, default_timeout=PATIENCE_SECONDS)
    if user is not None:
        app.secrets = {"auth": AUTH}
        app.user = user
    for name, value in state.items():
        app.session_state[name] = value
    app.run()
    assert not app.exception
    return str(app.text[0].value).strip()


def test_roles_grow_from_looking_to_everything() -> None:
    assert ROLES["admin"] == set(PERMISSIONS)
    assert all(granted <= set(PERMISSIONS) for granted in ROLES.values())
    assert "view_personal_data" not in ROLES["viewer"] | ROLES["pricing"]
    assert not {"grant_minutes", "manage_staff"} & (ROLES["viewer"] | ROLES["pricing"])


def test_an_unknown_role_may_nothing_and_an_unknown_permission_is_a_mistake() -> None:
    assert not any(Operator("x", "X", "owner", "oidc").may(permission) for permission in PERMISSIONS)
    with pytest.raises(ValueError, match="no such permission"):
        LOCAL_ADMINISTRATOR.may("fly")


def test_staff_are_known_by_their_identity_also_after_their_address_changed(engine: Engine) -> None:
    use(engine)
    email = hire(engine, "support")

    assert _who(claims(email)) == "support@example.com support"
    assert _who({**claims(email), "email": "married@example.com"}) == "support@example.com support"


@pytest.mark.parametrize(
    "change",
    [
        {"is_logged_in": False},
        {"email_verified": False},
        {"email_verified": "true"},
        {"email": "other@example.com"},
        {"sub": ""},
        {"iat": int((datetime.now(UTC) - timedelta(hours=13)).timestamp())},
        {"iat": None},
    ],
)
def test_a_claim_that_does_not_prove_it_is_nobody(engine: Engine, change: dict[str, Any]) -> None:
    use(engine)
    email = hire(engine, "admin")

    assert _who({**claims(email), **change}) == "nobody"


def test_a_changed_role_counts_on_the_next_run(engine: Engine) -> None:
    use(engine)
    email = hire(engine, "admin")
    assert _who(claims(email)).endswith(" admin")

    with writing(engine) as db:
        staff.add_staff(db, email, role="viewer", actor="test", at=present())

    assert _who(claims(email)).endswith(" viewer")


def _fill(engine: Engine, *sources: str) -> None:
    with writing(engine) as db:
        for source in sources:
            ledger.create_workspace(
                db,
                f"of-{source}",
                name="W",
                owner_email="w@e.example",
                actor="t",
                at=present(),
                source=source,
            )


def test_without_sign_in_there_is_one_local_administrator(engine: Engine) -> None:
    use(engine)
    _fill(engine, "live")

    assert _who(None, act_as="vic.viewer@demo.invalid") == "local-administrator admin"


@pytest.mark.parametrize("actor", DEMO_STAFF)
def test_in_a_demo_database_one_acts_as_each_of_the_demo_staff(engine: Engine, actor: str) -> None:
    use(engine)
    _fill(engine, "demo", "sandbox")

    assert _who(None, act_as=actor) == f"{actor} {DEMO_STAFF[actor].role}"


def test_acting_as_somebody_ends_where_live_customers_begin(engine: Engine) -> None:
    use(engine)
    _fill(engine, "demo", "live")

    assert _who(None, act_as="vic.viewer@demo.invalid") == "local-administrator admin"
