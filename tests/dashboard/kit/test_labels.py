"""Labels: every metric has one of at most three words, and every case its own noun."""

from dashboard.kit import labels
from ledger.metrics import METRICS


def test_a_label_of_a_tile_has_at_most_three_words() -> None:
    shown = [slug for slug in METRICS if not slug.startswith(("liability-moves", "use-by"))]

    assert all(len(labels.label(slug).split()) <= 4 for slug in shown)
    assert len({labels.label(slug) for slug in shown}) == len(shown)


def test_cases_are_called_what_they_are() -> None:
    assert labels.cases("conversion") == ("{n} workspace", "{n} workspaces")
    assert labels.cases("average-package-minutes") == ("{n} purchase", "{n} purchases")


def test_a_code_without_a_name_is_written_as_a_sentence_begins() -> None:
    assert (labels.code_name("starter"), labels.code_name("two_words"), labels.code_name(None)) == (
        "Starter",
        "Two words",
        "None",
    )
