"""Search: by anything a customer may quote, ranked, paged, filtered, and never executed."""

import uuid
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Connection, text

import ledger
from ledger.desk.search import (
    SearchFilters,
    count_needs,
    list_by_need,
    plans,
    search_event_key,
    search_workspaces,
    sources,
)
from ledger.errors import InvalidText
from tests.stories import START, Story


def _made(db: Connection, workspace_id: str, name: str, email: str = "owner@example.com") -> str:
    ledger.create_workspace(
        db, workspace_id, name=name, owner_email=email, actor="t", at=START, source="demo"
    )
    return workspace_id


def _ids(db: Connection, typed: str, **more: object) -> list[str]:
    return [row.workspace_id for row in search_workspaces(db, typed, **more)]  # type: ignore[arg-type]


def _known_at_stripe(db: Connection, object_id: str, kind: str, workspace_id: str) -> None:
    db.execute(
        text("INSERT INTO payment_objects (object_id, kind, workspace_id) VALUES (:o, :k, :w)"),
        {"o": object_id, "k": kind, "w": workspace_id},
    )


@pytest.mark.parametrize(
    ("kind", "object_id"),
    [
        ("customer", "cus_Q1"),
        ("payment_intent", "pi_3Q"),
        ("charge", "ch_3Q"),
        ("invoice", "in_1Q"),
        ("receipt", "2817-1234"),
        ("purchase", "0199a7e2-0000-7000-8000-000000000001"),
    ],
)
def test_every_id_a_customer_may_quote_finds_the_workspace_and_says_by_what(
    db: Connection, kind: str, object_id: str
) -> None:
    _made(db, "quoted", "Somebody")
    _known_at_stripe(db, object_id, kind, "quoted")

    result = search_workspaces(db, f"  {object_id} ")

    assert [(row.workspace_id, row.matched) for row in result] == [("quoted", kind.replace("_", " "))]


def test_exact_beats_beginning_beats_inside(db: Connection) -> None:
    _made(db, "blue", "Zebra")
    _made(db, "w2", "Blue Harbor", "z@example.com")
    _made(db, "w3", "Anna", "blue@example.com")
    _made(db, "w4", "The Blue Room", "y@example.com")
    _made(db, "blue-2", "Yak")

    assert _ids(db, "blue") == ["blue", "blue-2", "w2", "w3", "w4"]


def test_a_misspelled_name_matches_when_nothing_else_does(db: Connection) -> None:
    _made(db, "w1", "Willowpoint Studio")

    assert _ids(db, "Wilowpiont Studio") == ["w1"]


def test_an_address_matches_in_any_case(db: Connection) -> None:
    _made(db, "w1", "Anna", "Anna.Weber@Example.com")

    assert _ids(db, "anna.weber@example.COM") == ["w1"]


def test_pages_follow_each_other_without_gap_or_repeat(db: Connection) -> None:
    everything = {
        _made(db, f"page-{n:02}", f"Harbor {n % 5} of many", f"harbor{n}@example.com") for n in range(23)
    }
    seen: list[str] = []
    after = None

    while page := search_workspaces(db, "harbor", after=after, limit=4):
        seen += [row.workspace_id for row in page]
        after = page[-1].after

    assert sorted(seen) == sorted(everything)
    assert len(seen) == len(set(seen))


@pytest.mark.parametrize(
    "hostile", ["%", "_", "\\", "'; DROP TABLE workspaces; --", "a\x00b", "a\ud800b", "💥" * 300, "(", "%%%"]
)
def test_hostile_text_is_only_text(db: Connection, hostile: str) -> None:
    _made(db, "w1", "Anna")

    assert _ids(db, hostile) == []
    assert _ids(db, "Anna") == ["w1"]


def test_filters_narrow_the_results(db: Connection) -> None:
    rich, poor = Story(db), Story(db)
    rich.plan()
    poor.plan("pro")
    poor.uses(300)

    assert _ids(db, "", plan="pro") == [poor.workspace_id]
    assert _ids(db, "", filters=SearchFilters(low=True, plan="pro")) == [poor.workspace_id]
    assert _ids(db, "", filters=SearchFilters(state="plan")) == [rich.workspace_id]
    assert _ids(db, "", filters=SearchFilters(hit_since=START - timedelta(days=1))) == [poor.workspace_id]
    assert _ids(db, "", filters=SearchFilters(hit_since=START + timedelta(days=400))) == []
    assert _ids(db, "", filters=SearchFilters(disputed=True)) == []


def test_an_event_key_leads_to_its_workspace(db: Connection) -> None:
    one = Story(db)
    one.plan()
    key = f"call-{uuid.uuid4()}"
    ledger.track_minutes(db, one.workspace_id, 5, key=key, at=one.now)

    assert search_event_key(db, key) == [one.workspace_id]
    assert search_event_key(db, "never used") == []


@pytest.mark.parametrize("after", ["", "garbage", "WyJub3doZXJlIiwgIiIsICIiXQ==", "Ww==", "bnVsbA=="])
def test_a_place_to_go_on_from_that_we_did_not_give_is_refused(db: Connection, after: str) -> None:
    with pytest.raises(InvalidText):
        search_workspaces(db, "x", after=after)


def test_filters_offer_plans_and_sources(db: Connection) -> None:
    _made(db, "w1", "Anna")

    assert plans(db) == ["starter", "pro"]
    assert "demo" in sources(db)


def test_any_part_of_an_id_in_any_case_finds_it_after_names_and_addresses(db: Connection) -> None:
    _made(db, "Org_ABC", "Nothing")
    _made(db, "other", "My abc shop")
    _made(db, "third", "Nothing", "abc@x.example")

    assert _ids(db, "org_abc") == ["Org_ABC"]
    assert _ids(db, "rg_ab") == ["Org_ABC"]
    assert _ids(db, "ABC") == ["third", "other", "Org_ABC"]
    first, second, last = (
        search_workspaces(db, "abc", limit=1, after=after) for after in _cursors(db, "abc")
    )
    assert [page[0].workspace_id for page in (first, second, last)] == ["third", "other", "Org_ABC"]


def _cursors(db: Connection, typed: str) -> list[str | None]:
    """Where each of three pages of one result begins."""
    rows = search_workspaces(db, typed)
    return [None, rows[0].after, rows[1].after]


def _blocked(db: Connection, workspace_id: str, at: datetime) -> str:
    """A workspace that used all of its 200 minutes at a time."""
    _planned(db, workspace_id, at)
    ledger.track_minutes(db, workspace_id, 200, key="all", at=at)
    return workspace_id


def _planned(db: Connection, workspace_id: str, at: datetime, name: str = "") -> str:
    _made(db, workspace_id, name or workspace_id)
    ledger.update_plan_allocation(db, workspace_id, "starter", "monthly", key="p", actor="t", at=at)
    return workspace_id


def test_the_list_by_need_shows_blocked_then_low_then_everybody_by_name(db: Connection) -> None:
    day = timedelta(days=1)
    for name in ("Zoe", "Anna"):
        _planned(db, name.lower(), START, name)
    for number, workspace_id in enumerate(("low-1", "low-2")):
        _planned(db, workspace_id, START)
        ledger.track_minutes(db, workspace_id, 160, key="u", at=START + number * day)
    _planned(db, "almost", START, "Almost low")
    ledger.track_minutes(db, "almost", 159, key="u", at=START + day)
    _blocked(db, "long-blocked", START + day)
    _blocked(db, "just-blocked", START + 2 * day)
    ledger.grant_minutes(
        db, _blocked(db, "helped", START), 60, reason="r", key="g", actor="t", at=START + day
    )

    at = START + 3 * day
    order = [row.workspace_id for row in list_by_need(db, at=at)]

    assert order == ["just-blocked", "long-blocked", "low-2", "low-1", "almost", "anna", "helped", "zoe"]
    assert count_needs(db, at=at) == {"blocked": 2, "low": 2}
    assert count_needs(db, at=at, most=1) == {"blocked": 1, "low": 1}
    pages: list[str] = []
    after = None
    while page := list_by_need(db, at=at, after=after, limit=3):
        pages += [row.workspace_id for row in page]
        after = page[-1].after
    assert pages == order


def test_a_workspace_whose_monthly_minutes_are_due_is_not_blocked(db: Connection) -> None:
    _blocked(db, "due", START)

    just_before, due = (START + timedelta(days=days) for days in (27, 28))
    [blocked] = list_by_need(db, at=just_before)
    [ready] = list_by_need(db, at=due)
    [result] = search_workspaces(db, "due", at=due)

    assert (blocked.total_minutes, blocked.limit_hit, blocked.hit_at) == (0, True, START)
    assert (ready.total_minutes, ready.limit_hit, ready.hit_at) == (200, False, None)
    assert (result.total_minutes, result.gauge_base) == (200, 200)
    assert count_needs(db, at=just_before)["blocked"] == 1
    assert count_needs(db, at=due)["blocked"] == 0


@pytest.mark.parametrize(
    ("filters", "listed"),
    [
        (SearchFilters(plan="pro"), []),
        (SearchFilters(state="empty"), ["gone"]),
        (SearchFilters(state="plan"), ["low", "rich"]),
        (SearchFilters(low=True), ["gone", "low"]),
        (SearchFilters(hit_since=START), ["gone"]),
        (SearchFilters(disputed=True), []),
    ],
)
def test_filters_narrow_every_step_of_the_list_by_need(
    db: Connection, filters: SearchFilters, listed: list[str]
) -> None:
    _blocked(db, "gone", START)
    ledger.track_minutes(db, _planned(db, "low", START), 170, key="u", at=START)
    _planned(db, "rich", START)

    assert [row.workspace_id for row in list_by_need(db, at=START, filters=filters)] == listed


@pytest.mark.parametrize(
    "after", ["garbage", "WyJibG9ja2VkIiwgIm5vIHRpbWUiLCAidyJd", "WyJhbGwiLCAiYSIsICJhIl0="]
)
def test_a_place_in_another_list_is_refused(db: Connection, after: str) -> None:
    with pytest.raises(InvalidText):
        list_by_need(db, at=START, after=after)
    with pytest.raises(InvalidText):
        search_workspaces(db, "x", after=after)
