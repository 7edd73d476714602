"""Each invariant the database claims, attacked as the application, not as the owner."""

import pytest
from psycopg import errors
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

import ledger
from ledger.database import runs_as_application
from tests.stories import Story

ENTRY = (
    "INSERT INTO entries (workspace_id, entry_no, previous_no, kind, key, plan_delta, plan_after, "
    "extra_delta, extra_after, minutes, unmet_minutes, used_after, at, recorded_at, latest_at, epoch, gauge_base, lot_id, actor, overage_policy, reason) "
    "SELECT :w, {no}, coalesce({previous}, nullif({no} - 1, 0)), '{kind}', '{key}', "
    "{plan_delta}, {plan_after}, {extra_delta}, {extra_after}, {minutes}, {unmet}, 0, now(), now(), now(), "
    "1, 1, {lot_id}, 'attacker', {overage_policy}, {reason}"
)
SOUND = {
    "no": 4, "kind": "use", "key": "attack", "plan_delta": 0, "plan_after": 150, "extra_delta": -1, "extra_after": 59, "minutes": 1, "unmet": 0,
    "lot_id": "NULL", "overage_policy": "'partial'", "reason": "NULL", "previous": "NULL::bigint",
}  # fmt: skip
LOT_ONE = {"overage_policy": "NULL", "lot_id": "1"}


@pytest.fixture
def acme(db: Connection) -> Story:
    """Entries 1 to 3: 200 plan minutes of which 50 are used, and 60 bought."""
    acme = Story(db)
    acme.plan("starter")
    acme.buys("small")
    acme.uses(50)
    return acme


def refusal(db: Connection, attack: str, **binds: object) -> DBAPIError:
    """How the database refuses an attack, at the latest when it would be committed."""
    with pytest.raises(DBAPIError) as caught, db.begin_nested():
        db.execute(text(attack), binds)
        db.exec_driver_sql("SET CONSTRAINTS ALL IMMEDIATE")
    return caught.value


def refused_by(db: Connection, attack: str, **binds: object) -> str:
    """Name of the constraint that refuses."""
    return str(getattr(refusal(db, attack, **binds).orig, "diag").constraint_name)  # noqa: B009  psycopg's own attribute


def test_the_entry_that_the_attacks_vary_is_itself_sound(db: Connection, acme: Story) -> None:
    db.execute(text(ENTRY.format(**SOUND)), {"w": acme.workspace_id})


@pytest.mark.parametrize(
    ("constraint", "change"),
    [
        ("entries_never_negative", {"extra_delta": -61, "extra_after": -1, "minutes": 61}),
        (
            "entries_never_negative",
            {"plan_delta": -151, "plan_after": -1, "extra_delta": 0, "extra_after": 60, "minutes": 151},
        ),
        ("entries_continue_the_previous", {"no": 5}),
        ("entries_pkey", {"no": 3, "plan_delta": 0, "plan_after": 200}),
        ("entries_first_starts_at_zero", {"no": 1, "extra_delta": -1, "extra_after": 0}),
        ("entries_numbered_without_gaps", {"previous": 2}),
        ("entries_numbered_without_gaps", {"no": 1, "previous": 3}),
        ("entries_add_up", {"minutes": 2}),
        (
            "entries_never_negative",
            {"kind": "restore", "plan_delta": 151, "extra_delta": 0, "extra_after": 60, "minutes": 151}
            | LOT_ONE,
        ),
        ("entries_never_negative", {"minutes": 0, "unmet": -1}),
        ("entries_use_has_policy", {"overage_policy": "NULL", "lot_id": "1"}),
        ("entries_use_has_policy", {"kind": "restore"}),
        ("entries_use_only_draws", {"extra_delta": 1, "extra_after": 61}),
        ("entries_use_only_draws", {"kind": "restore", "overage_policy": "NULL"}),
        ("entries_one_lot_one_pool", {"lot_id": "2", "minutes": 2, "unmet": 1}),
        ("entries_one_lot_one_pool", {"lot_id": "2", "minutes": 2, "plan_delta": -1, "plan_after": 149}),
        ("entries_key_not_empty", {"key": ""}),
        (
            "entries_decision_has_reason",
            {"kind": "void", "overage_policy": "NULL", "lot_id": "2", "reason": "'  '"},
        ),
        ("entries_decision_has_reason", {"kind": "grant", "overage_policy": "NULL", "lot_id": "2"}),
        ("entries_lot_of_same_workspace", {"kind": "restore", "overage_policy": "NULL", "lot_id": "99"}),
        ("entries_lot_of_same_workspace", {"lot_id": "99"}),
    ],
)
def test_an_entry_that_does_not_fit_is_refused(
    db: Connection, acme: Story, constraint: str, change: dict[str, object]
) -> None:
    assert refused_by(db, ENTRY.format(**{**SOUND, **change}), w=acme.workspace_id) == constraint


def test_a_key_is_booked_once_for_each_kind_of_entry(db: Connection, acme: Story) -> None:
    db.execute(text(ENTRY.format(**SOUND)), {"w": acme.workspace_id})

    attack = ENTRY.format(**{**SOUND, "no": 5, "extra_after": 58})

    assert refused_by(db, attack, w=acme.workspace_id) == "entries_key_once"


def test_a_key_of_what_is_not_a_use_is_booked_once_too(db: Connection, acme: Story) -> None:
    change = (
        {"kind": "grant", "reason": "'r'", "extra_delta": 1, "extra_after": 60} | LOT_ONE | {"lot_id": "2"}
    )
    grant = SOUND | change
    db.execute(text(ENTRY.format(**SOUND)), {"w": acme.workspace_id})
    db.execute(text(ENTRY.format(**grant | {"no": 5})), {"w": acme.workspace_id})

    attack = ENTRY.format(**grant | {"no": 6, "extra_after": 61})

    assert refused_by(db, attack, w=acme.workspace_id) == "entries_write_once"


@pytest.mark.parametrize(
    ("constraint", "attack"),
    [
        ("workspace_minutes_never_negative", "UPDATE workspace_minutes SET minutes_remaining = -1 WHERE workspace_id = :w"),
        ("workspace_minutes_never_negative", "UPDATE workspace_minutes SET current_remaining = -1 WHERE workspace_id = :w"),
        ("workspace_minutes_is_last_entry", "UPDATE workspace_minutes SET entry_no = 4 WHERE workspace_id = :w"),
        ("workspace_minutes_empty_is_zero", "UPDATE workspace_minutes SET entry_no = 0 WHERE workspace_id = :w"),
        ("workspace_minutes_base_covers_balance", "UPDATE workspace_minutes SET gauge_base = 1 WHERE workspace_id = :w"),
        ("lots_never_overdrawn", "UPDATE stored_lots SET drawn = 61 WHERE workspace_id = :w AND lot_id = 2"),
        ("lots_never_overdrawn", "UPDATE stored_lots SET voided = 61 WHERE workspace_id = :w AND lot_id = 2"),
        ("lots_never_overdrawn", "UPDATE stored_lots SET drawn = -1 WHERE workspace_id = :w AND lot_id = 2"),
        ("draws_minutes_positive", "INSERT INTO stored_draws (workspace_id, entry_no, lot_id, minutes) VALUES (:w, 3, 2, 0)"),
        ("draws_entry_of_same_workspace", "INSERT INTO stored_draws (workspace_id, entry_no, lot_id, minutes) VALUES (:w, 99, 2, 1)"),
        ("draws_lot_of_same_workspace", "INSERT INTO stored_draws (workspace_id, entry_no, lot_id, minutes) VALUES (:w, 3, 99, 1)"),
        ("stored_draws_pkey", "INSERT INTO stored_draws (workspace_id, entry_no, lot_id, minutes) VALUES (:w, 3, 2, 1), (:w, 3, 2, 1)"),
        ("usage_alerts_pkey", "INSERT INTO usage_alerts (workspace_id, epoch, kind, entry_no, at, recorded_at) "
                           "SELECT :w, 1, k, 3, now(), now() FROM unnest(ARRAY['used_80', 'used_80']) k"),
        ("usage_alerts_kind", "INSERT INTO usage_alerts (workspace_id, epoch, kind, entry_no, at, recorded_at) "
                           "VALUES (:w, 1, 'used_70', 3, now(), now())"),
        ("idempotency_keys_pkey", "INSERT INTO idempotency_keys (workspace_id, operation, key, body, entry_no) "
                        "SELECT workspace_id, operation, key, '{}', 1 FROM idempotency_keys WHERE workspace_id = :w"),
        ("lots_one_per_purchase", "INSERT INTO stored_lots (workspace_id, lot_id, minutes, burn_order, entry_no, acquired_at, kind, purchase_id) "
                                  "SELECT workspace_id, 9, 1, 1, 1, now(), kind, purchase_id FROM lots WHERE workspace_id = :w AND lot_id = 2"),
        ("workspaces_id_shape", "INSERT INTO workspaces (workspace_id, name, owner_email, source, created_by, created_at) "
                                "VALUES (:w || '/', 'n', 'a@b', 'demo', 'x', now())"),
        ("workspaces_source", "INSERT INTO workspaces (workspace_id, name, owner_email, source, created_by, created_at) "
                              "VALUES ('real', 'n', 'a@b', 'real', 'x', now())"),
    ],
)  # fmt: skip
def test_a_row_that_does_not_fit_is_refused(
    db: Connection, acme: Story, constraint: str, attack: str
) -> None:
    assert refused_by(db, attack, w=acme.workspace_id) == constraint


def test_a_period_is_reset_once(db: Connection, acme: Story) -> None:
    acme.later(days=30)
    ledger.reset_monthly_minutes(db, acme.workspace_id, key="r", at=acme.now)

    attack = (
        "INSERT INTO stored_lots (workspace_id, lot_id, minutes, burn_order, entry_no, acquired_at, kind, period_start) "
        "SELECT workspace_id, 9, 1, 1, 1, now(), kind, period_start FROM lots WHERE workspace_id = :w AND period_start IS NOT NULL"
    )

    assert refused_by(db, attack, w=acme.workspace_id) == "lots_one_reset_per_period"


def test_a_draw_never_joins_two_workspaces(db: Connection, acme: Story) -> None:
    globex = Story(db)
    globex.gets(1)
    globex.gets(1)
    globex.gets(1)

    attack = "INSERT INTO stored_draws (workspace_id, entry_no, lot_id, minutes) VALUES (:w, 3, 3, 1)"

    assert refused_by(db, attack, w=acme.workspace_id) == "draws_lot_of_same_workspace"


@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE entries SET actor = 'nobody' WHERE workspace_id = :w",
        "DELETE FROM entries WHERE workspace_id = :w",
        "UPDATE stored_draws SET minutes = 1 WHERE workspace_id = :w",
        "DELETE FROM stored_draws WHERE workspace_id = :w",
        "UPDATE idempotency_keys SET key = 'other' WHERE workspace_id = :w",
        "DELETE FROM stored_lots WHERE workspace_id = :w",
        "UPDATE stored_lots SET minutes = 1000000 WHERE workspace_id = :w",
        "UPDATE usage_alerts SET at = now() WHERE workspace_id = :w",
        "DELETE FROM workspace_minutes WHERE workspace_id = :w",
        "UPDATE workspaces SET source = 'live' WHERE workspace_id = :w",
        "UPDATE workspaces SET workspace_id = 'other' WHERE workspace_id = :w",
        "UPDATE subscriptions SET started_at = now() WHERE workspace_id = :w",
        "UPDATE subscriptions SET plan = 'pro' WHERE workspace_id = :w",
        "UPDATE extra_minutes_purchases SET minutes = 9999 WHERE workspace_id = :w",
        "UPDATE extra_minutes_purchases SET amount_cents = 1 WHERE workspace_id = :w",
        "UPDATE extra_minutes_purchases SET source = 'live' WHERE workspace_id = :w",
        "UPDATE extra_minutes_packages SET amount_cents = 1",
        "UPDATE plan_prices SET plan = 'pro'",
        "UPDATE price_tests SET arms = '{a,b}'",
        "TRUNCATE entries CASCADE",
        "UPDATE plans SET minutes = 1",
        "ALTER TABLE entries DROP CONSTRAINT entries_are_sound",
        "DROP TABLE stored_draws",
    ],
)
def test_the_application_may_not_rewrite_history(db: Connection, acme: Story, attack: str) -> None:
    assert runs_as_application(db)

    refused = refusal(db, attack, **({"w": acme.workspace_id} if ":w" in attack else {}))

    assert isinstance(refused.orig, errors.InsufficientPrivilege)


@pytest.mark.parametrize(
    ("refused", "call"),
    [
        (ledger.InvalidTime, "add_lot(:w, 'grant', 5, NULL, 'k', 'infinity', 'x', 'r', NULL)"),
        (ledger.InvalidTime, "record_use(:w, 5, 'k', 'infinity', NULL, 'partial')"),
        (ledger.InvalidTime, "record_use(:w, 5, 'k', '-infinity', NULL, 'partial')"),
        (ledger.InvalidTime, "record_use(:w, 5, 'k', '1969-12-31 23:59:59+00', NULL, 'full')"),
        (ledger.InvalidTime, "record_use(:w, 5, 'k', '2200-01-01 00:00+00', NULL, 'partial')"),
        (ledger.InvalidTime, "record_use(:w, 5, 'k', NULL, 60, 'extra')"),
        (ledger.InvalidDuration, "record_use(:w, 5, 'k', now(), -1, 'refused')"),
        (ledger.InvalidTime, "record_uses(1, ARRAY[:w], '{5}', '{k}', '{infinity}', '{NULL}')"),
        (ledger.InvalidTime, "record_uses(1, ARRAY[:w], '{5}', '{k}', '{-infinity}', '{60}')"),
        (
            ledger.InvalidTime,
            "record_uses(1, ARRAY[:w, :w], '{5,5}', '{j,k}', '{2026-03-01,2200-01-01 00:00+00}', '{NULL,NULL}')",
        ),
        (ledger.InvalidTime, "record_uses(1, ARRAY[:w], '{5}', '{k}', '{NULL}', '{NULL}')"),
        (ledger.InvalidDuration, "record_uses(1, ARRAY[:w], '{5}', '{k}', '{2026-03-01}', '{-1}')"),
        (ledger.InvalidMinutes, "record_uses(1, ARRAY[:w], '{0}', '{k}', '{2026-03-01}', '{NULL}')"),
        (ledger.InvalidMinutes, "record_uses(1, ARRAY[:w], '{-5}', '{k}', '{2026-03-01}', '{NULL}')"),
        (ledger.InvalidTime, "reset_monthly_minutes(:w, 'infinity')"),
        (ledger.InvalidMinutes, "add_lot(:w, 'grant', 0, NULL, 'k', now(), 'x', 'r', NULL)"),
        (ledger.InvalidMinutes, "take_from_lot(:w, 2, -5, true, 'void', 'k', now(), 'x', 'r', NULL)"),
        (ledger.InvalidMinutes, "give_back(:w, 2, -5, 'k', now(), 'x', 'r', NULL)"),
    ],
)
def test_a_function_called_by_hand_with_what_python_would_not_pass_is_refused(
    db: Connection, acme: Story, refused: type[ledger.LedgerError], call: str
) -> None:
    acme.voids("small", 5)
    db.execute(text("SET LOCAL statement_timeout = '10s'"))  # without the refusal: months without end

    with pytest.raises(refused), db.begin_nested():
        db.execute(text(f"SELECT * FROM {call}"), {"w": acme.workspace_id})


def test_a_workspace_that_is_never_reset_takes_no_endless_time_either(db: Connection) -> None:
    acme = Story(db)
    acme.gets(50)

    for time in ("infinity", "-infinity"):
        with pytest.raises(ledger.InvalidTime), db.begin_nested():
            db.execute(
                text(f"SELECT * FROM record_use(:w, 5, 'k', '{time}', NULL, 'partial')"),
                {"w": acme.workspace_id},
            )

    assert (acme.balance, len(ledger.list_entries(db, acme.workspace_id))) == ((0, 50), 1)


def test_a_use_at_either_end_of_the_years_that_are_booked_is_booked(db: Connection) -> None:
    acme = Story(db)
    acme.gets(50)

    for time in ("1970-01-01 00:00+00", "2199-12-31 23:59:59+00"):
        call = f"SELECT * FROM record_use(:w, 5, :time, '{time}', 0, 'partial')"
        db.execute(text(call), {"w": acme.workspace_id, "time": time})

    assert acme.balance == (0, 40)


def test_a_repeat_is_recognised_by_its_key_whatever_its_time_one_by_one_and_in_batches(
    db: Connection,
) -> None:
    acme = Story(db)
    acme.gets(50)
    first = ledger.track_minutes(db, acme.workspace_id, 5, key="k", at=acme.now)

    for call in (
        "(entry).entry_no, repeated FROM record_use(:w, 5, 'k', 'infinity', NULL, 'partial')",
        "entry_no, repeated FROM record_uses(1, ARRAY[:w], '{5}', '{k}', '{infinity}', '{NULL}')",
    ):
        again = db.execute(text(f"SELECT {call}"), {"w": acme.workspace_id}).one()
        assert tuple(again) == (first.entry_no, True)

    assert acme.balance == (0, 45)


def test_a_reader_cannot_write(engine: Engine) -> None:
    with ledger.reading(engine) as db, pytest.raises(DBAPIError) as caught:
        db.execute(
            text(
                "INSERT INTO idempotency_keys (workspace_id, operation, key, body, entry_no) VALUES ('a', 'b', 'c', '{}', 0)"
            )
        )

    assert isinstance(caught.value.orig, errors.ReadOnlySqlTransaction)
