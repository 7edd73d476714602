"""The part of the page Retention where hold-outs are planned, started, watched and ended."""

import csv
import io
from datetime import timedelta

import pytest
from sqlalchemy import Engine, text

import ledger
from dashboard.clock import present
from dashboard.kit import exports
from dashboard.screens import conversion
from ledger.database import reading, writing
from ledger.desk import audit
from ledger.errors import HoldOutConflict
from ledger.experiments.holdouts import HoldOut, end_hold_out, list_arms, list_hold_outs, start_hold_out
from ledger.metrics.annotations import list_annotations
from ledger.metrics.fits import refresh_fits
from ledger.metrics.rollups import refresh_rollups
from tests.pages.visits import hire, use, visit, words

HOLD_OUT = {
    "source": "sandbox",
    "share_percent": 50,
    "hits_needed": 40,
    "reason": "worth it?",
    "actor": "ada",
}


def _hold(engine: Engine, name: str = "spring", *, days_ago: float = 100, **changes: object) -> HoldOut:
    with writing(engine) as db:
        return start_hold_out(db, name, starts_at=present() - timedelta(days=days_ago), **HOLD_OUT | changes)


def _hitters(engine: Engine, number: int, *, days_ago: float, stay: bool = True) -> None:
    """New workspaces reach the limit; those of the control arm leave unless they all stay."""
    hit = present() - timedelta(days=days_ago)  # whole days before today's, whatever the hour is
    at = hit - timedelta(hours=1)
    with writing(engine) as db:
        for n in range(number):
            each = f"w{days_ago:g}-{n}"
            ledger.create_workspace(db, each, name=each, owner_email="o@example.com", actor="t", at=at)
            ledger.update_plan_allocation(db, each, "starter", "monthly", key="1", actor="t", at=at)
            ledger.track_minutes(db, each, 250, key="call", at=hit)
        arms = dict(list_arms(db, list_hold_outs(db)[0]))
        for each, arm in arms.items():
            if not stay and arm == "control":
                ledger.cancel_plan(db, each, key="leave", actor="t", at=at + timedelta(days=5))
        refresh_rollups(db, at=present())


def _retention(engine: Engine, role: str = "admin"):
    with writing(engine) as db:  # before the first workspace the page shows the first steps only
        at = present() - timedelta(days=1)
        ledger.create_workspace(
            db, "first", name="First", owner_email="o@example.com", actor="t", at=at, source="sandbox"
        )
    return visit(engine, "retention", email=hire(engine, role), source="sandbox")


def _numbers(page):
    return {metric.label: metric.value for metric in page.metric}


def _fill(page, name: str = "spring", reason: str = "is the offer worth it?"):
    page.text_input(key="ho_name").set_value(name)
    page.text_input(key="ho_reason").set_value(reason)
    return page


def test_the_planner_asks_for_fewer_in_the_control_arm_the_smaller_its_share(engine: Engine) -> None:
    page = _retention(engine, "viewer")
    page.number_input(key="filter_lift").set_value(10.0).run()
    even = _numbers(page)
    page.slider(key="filter_share").set_value(10).run()
    small = _numbers(page)

    assert (even["Limit hits needed in the control arm"], even["Limit hits needed in the treatment arm"]) == (
        "195",
        "195",
    )
    assert small["Limit hits needed in the control arm"] == "109"
    assert small["Limit hits needed in the treatment arm"] == "981"
    assert small["Days at today's rate"] == "never: no limit hits"


def test_days_follow_from_the_limit_hits_of_late(engine: Engine) -> None:
    _hold(engine)
    _hitters(engine, 40, days_ago=20 + present().hour / 24)  # early on that day, at any time of this one

    page = _retention(engine)
    page.number_input(key="filter_lift").set_value(10.0).run()

    assert _numbers(page)["Days at today's rate"] == "195"
    assert "2.0 a day recently" in words(page)


def test_an_administrator_starts_one_and_it_is_audited_and_drawn_on_the_charts(engine: Engine) -> None:
    page = _fill(_retention(engine))
    page.slider(key="filter_share").set_value(30).run()

    page.button(key="ho_start").click().run()

    assert not page.exception
    assert "30% of workspaces see no offer" in words(page)
    with reading(engine) as db:
        (hold_out,) = list_hold_outs(db)
        (line,) = [each for each in audit.list_lines(db) if each.action != "first_sign_in"]
        around = {"start": hold_out.starts_at, "end": present() + timedelta(minutes=1)}
        (mark,) = list_annotations(db, **around)
    assert (hold_out.name, hold_out.source, hold_out.share_percent) == ("spring", "sandbox", 30)
    assert (line.action, line.subject, line.reason) == ("start_hold_out", "spring", "is the offer worth it?")
    assert (mark.kind, mark.text) == (
        "note",
        "Hold-out spring started: 30% of sandbox workspaces see no offer",
    )
    assert page.text_input(key="ho_name").value == ""


def test_a_second_one_is_refused_in_words_and_nothing_typed_is_lost(engine: Engine) -> None:
    _hold(engine)
    page = _fill(_retention(engine), name="summer")

    page.button(key="ho_start").click().run()

    assert "one hold-out runs at a time: spring covers this moment" in page.error[0].value.replace("\\", "")
    assert page.text_input(key="ho_name").value == "summer"


@pytest.mark.parametrize(
    ("name", "reason", "said"),
    [("No!", "why", "A name must be 1 to 64"), ("spring", " ", "Enter a reason.")],
)
def test_what_cannot_be_started_is_said(engine: Engine, name: str, reason: str, said: str) -> None:
    page = _fill(_retention(engine), name, reason)

    page.button(key="ho_start").click().run()

    assert said in words(page)
    with reading(engine) as db:
        assert list_hold_outs(db) == []


def test_what_runs_says_how_far_it_is_and_no_effect_before_its_time(engine: Engine) -> None:
    _hold(engine)
    _hitters(engine, 60, days_ago=95)
    _hitters(engine, 12, days_ago=9)

    page = _retention(engine)

    result = _numbers(page)
    hits = [int(result[f"Limit hits in the {arm} arm"]) for arm in ("control", "treatment")]
    assert sum(hits) == 72
    assert result["Followed for 90 days, smaller arm"].endswith(" of 40")
    (line,) = page.dataframe[0].value.to_dict("records")
    assert (line["name"], line["retained"], line["effect"]) == ("spring", "–", "–")
    assert "followed for 90 days in the smaller arm" in line["lacks"]


def test_once_all_are_followed_each_arm_shows_who_stayed(engine: Engine) -> None:
    _hold(engine, hits_needed=30)
    _hitters(engine, 100, days_ago=95, stay=False)

    page = _retention(engine)

    (line,) = page.dataframe[0].value.to_dict("records")
    assert line["retained"] == "0.0% / 100.0%"
    assert line["effect"].startswith("'+100.0 [")
    assert line["lacks"] == ""


def test_with_many_hold_outs_the_worker_computes_the_answer(engine: Engine, monkeypatch) -> None:
    monkeypatch.setattr("ledger.metrics.fits.AT_ONCE", 3)
    _hold(engine, hits_needed=30)
    _hitters(engine, 20, days_ago=95)

    page = _retention(engine)
    assert "Calculating" in words(page)
    with writing(engine) as db:
        refresh_fits(db, at=present())
    page.run()

    assert "Calculating" not in words(page)
    assert sum(int(_numbers(page)[f"Limit hits in the {arm} arm"]) for arm in ("control", "treatment")) == 20


def test_ending_asks_first_warns_and_is_audited(engine: Engine) -> None:
    _hold(engine)
    page = _retention(engine)
    assert "This can't be undone" in words(page)
    assert "Only 0 of 40 limit hits have been followed" in words(page)

    page.button(key="ho_end").click().run()

    assert not page.exception
    assert "All workspaces see the offer" in words(page)
    with reading(engine) as db:
        (hold_out,) = list_hold_outs(db)
        assert [line.action for line in audit.list_lines(db)] == ["end_hold_out", "first_sign_in"]
        with pytest.raises(HoldOutConflict), engine.begin() as again:
            end_hold_out(again, "spring", at=present())
    assert hold_out.ends_at is not None
    assert not [button for button in page.button if button.key == "ho_end"]


@pytest.mark.parametrize("role", ["viewer", "support", "pricing"])
def test_others_see_what_runs_and_can_plan_but_neither_start_nor_end(engine: Engine, role: str) -> None:
    _hold(engine)

    page = _retention(engine, role)

    assert {"ho_start", "ho_end"}.isdisjoint(button.key for button in page.button)
    assert "Limit hits needed in the control arm" in _numbers(page)
    assert "spring" in words(page)


def test_the_arms_are_a_file_of_all_workspaces_of_the_source(engine: Engine) -> None:
    use(engine)
    hold_out = _hold(engine)
    _hitters(engine, 30, days_ago=9)
    with writing(engine) as db:
        db.execute(
            text(
                "INSERT INTO workspaces (workspace_id, name, owner_email, source, created_by, created_at) "
                "VALUES ('real', 'Real', 'o@example.com', 'live', 't', now())"
            )
        )

    head, names, *rows = csv.reader(io.StringIO(exports.of_arms(hold_out).decode("utf-8-sig")))

    control = [row for row in rows if row[1] == "control"]
    assert names == ["workspace_id", "arm"]
    assert head == [f"arms of spring; rows 30; control {len(control)}"]
    assert len(rows) == 30
    assert "real" not in {row[0] for row in rows}


def test_a_share_that_a_hold_out_lowers_says_by_how_many_and_what_it_is_without_them(engine: Engine) -> None:
    hold_out = _hold(engine)
    _hitters(engine, 30, days_ago=40)
    with reading(engine) as db:
        control = [arm for _, arm in list_arms(db, hold_out)].count("control")

    email = hire(engine, "viewer")
    said = {
        slug: words(visit(engine, "conversion", email=email, source="sandbox", about=slug))
        for slug in (*conversion.SLUGS, *conversion.MORE)
    }

    assert (
        f"{control} of them saw no offer (hold-out); without them 0 of {30 - control} = 0.0%"
        in said["conversion"]
    )
    assert sum("saw no offer" in one for one in said.values()) == 5
