"""Alerts about money: shown once, until somebody closes them."""

from datetime import timedelta

from ledger.payments.alerts import close_alert, count_alerts, list_alerts, raise_alert


def alert(db, now, object_id="pi_1", workspace_id="acme"):
    raise_alert(db, "mismatch", object_id, detail="look at this", workspace_id=workspace_id, at=now)


def test_the_same_problem_detected_twice_is_one_alert(db, now):
    alert(db, now)
    alert(db, now)

    assert [(each.kind, each.object_id) for each in list_alerts(db)] == [("mismatch", "pi_1")]


def test_a_closed_alert_is_not_shown_and_not_raised_again(db, now):
    alert(db, now)
    assert close_alert(db, "mismatch:pi_1", actor="ada", at=now)
    alert(db, now)

    assert list_alerts(db) == []
    assert [each.closed_by for each in list_alerts(db, closed=True)] == ["ada"]
    assert not close_alert(db, "mismatch:pi_1", actor="ada", at=now)
    assert not close_alert(db, "never raised", actor="ada", at=now)


def test_alerts_of_one_workspace_are_shown_with_it(db, now):
    alert(db, now, "pi_1", "acme")
    alert(db, now, "pi_2", "other")
    alert(db, now, "pi_3", None)

    assert [each.object_id for each in list_alerts(db, "acme")] == ["pi_1"]
    assert len(list_alerts(db)) == 3


def test_open_alerts_are_counted_by_kind_and_read_in_pages_newest_first(db, now):
    for number in range(3):
        alert(db, now + timedelta(hours=number // 2), f"pi_{number}")
    raise_alert(db, "fraud", "ch_1", detail="look", workspace_id=None, at=now)
    close_alert(db, "mismatch:pi_1", actor="ada", at=now)

    first = list_alerts(db, limit=1)
    rest = list_alerts(db, before=first[-1].alert_id)

    assert count_alerts(db) == {"mismatch": 2, "fraud": 1}
    assert [each.object_id for each in first + rest] == ["pi_2", "pi_0", "ch_1"]
    assert [each.object_id for each in list_alerts(db, kind="fraud")] == ["ch_1"]
    assert list_alerts(db, before="never raised") == []
