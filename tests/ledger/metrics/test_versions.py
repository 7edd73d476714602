"""A definition that changes is noted once, with its date, and marks itself on the charts."""

from dataclasses import replace
from datetime import timedelta

import pytest

from ledger.metrics import METRICS, registry
from ledger.metrics.annotations import list_annotations, withdraw_annotation
from ledger.metrics.versions import list_versions, record_versions


@pytest.fixture
def redefine(monkeypatch):
    """Change the version of a metric."""

    def change(slug, version, formula="something else"):
        other = replace(METRICS[slug], version=version, formula=formula)
        monkeypatch.setattr(registry, "METRICS", {**METRICS, slug: other})

    return change


def marks(db, now):
    around = {"start": now - timedelta(days=1), "end": now + timedelta(days=9)}
    return list_annotations(db, **around)


def test_the_first_definition_of_a_metric_is_stored_and_is_no_change(db, now):
    changed = record_versions(db, at=now)

    result = list_versions(db)
    assert changed == []
    assert set(result) == set(METRICS)
    assert [(one.version, one.since) for one in result["conversion-first-hit"]] == [(1, now)]
    assert marks(db, now) == []


def test_a_changed_definition_is_annotated_once_however_many_workers_meet_it(db, now, redefine):
    record_versions(db, at=now)
    redefine("conversion-first-hit", 2)

    changed = [record_versions(db, at=now + timedelta(days=days)) for days in (3, 4, 5)]

    assert changed == [["conversion-first-hit"], [], []]
    (mark,) = marks(db, now)
    assert (mark.kind, mark.metric, mark.at) == (
        "definition",
        "conversion-first-hit",
        now + timedelta(days=3),
    )
    assert mark.text == "v1 → v2: Conversion at the first limit hit"
    assert [(one.version, one.formula) for one in list_versions(db)["conversion-first-hit"]] == [
        (1, METRICS["conversion-first-hit"].formula),
        (2, "something else"),
    ]


def test_an_older_worker_beside_a_newer_one_changes_nothing(db, now, redefine, monkeypatch):
    record_versions(db, at=now)
    redefine("conversion-first-hit", 2)
    record_versions(db, at=now + timedelta(days=1))
    monkeypatch.setattr(registry, "METRICS", METRICS)

    assert record_versions(db, at=now + timedelta(days=2)) == []
    assert len(marks(db, now)) == 1


def test_an_annotation_that_was_withdrawn_does_not_come_back(db, now, redefine):
    record_versions(db, at=now)
    redefine("conversion-first-hit", 2)
    record_versions(db, at=now)
    withdraw_annotation(db, marks(db, now)[0].annotation_id, author=None, at=now)

    record_versions(db, at=now + timedelta(days=1))

    assert marks(db, now) == []
