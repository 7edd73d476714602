"""Labels: every metric has one of at most three words, and every case its own noun."""

from sqlalchemy import text

from dashboard.kit import labels
from ledger.metrics import METRICS
from ledger.payments.catalogue import publish_package
from tests.stories import START


def test_a_label_of_a_tile_has_at_most_three_words() -> None:
    shown = [slug for slug in METRICS if not slug.startswith(("liability-moves", "use-by"))]

    assert all(len(labels.label(slug).split()) <= 4 for slug in shown)
    assert len({labels.label(slug) for slug in shown}) == len(shown)


def test_cases_are_called_what_they_are() -> None:
    assert labels.cases("conversion") == ("{n} workspace", "{n} workspaces")
    assert labels.cases("average-package-minutes") == ("{n} purchase", "{n} purchases")


def test_plans_and_packages_are_called_by_their_names(db) -> None:
    db.execute(text("RESET ROLE"))
    db.execute(text("INSERT INTO plans (plan, name, minutes) VALUES ('team_50', 'Team of fifty', 500)"))
    publish_package(db, "tiny", name="Just a bit", minutes=9, amount_cents=199, valid_from=START, actor="t")

    assert [labels.plan_name(db, code) for code in ("starter", "team_50", None, "none")] == [
        "Starter",
        "Team of fifty",
        "No plan",
        "No plan",
    ]
    assert [labels.package_name(db, code) for code in ("small", "tiny")] == ["Small", "Just a bit"]
    assert labels.part_name(db, "billing_cycle", "annual") == "Paid annually"


def test_segments_are_shown_as_they_are_and_bands_with_an_en_dash() -> None:
    assert [labels.segment_name(segment) for segment in ("DE", "10-19", "A-1", "none", None)] == [
        "DE",
        "10–19",
        "A-1",
        "Not set",
        "Not set",
    ]
    assert labels.attribute_name("account_manager") == "Account manager"
