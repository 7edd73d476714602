"""The workspaces of a pricing question: by plan, billing cycle and attributes, combined."""

import numpy as np
import pytest

from ledger.database import reading, writing
from ledger.minutes.attributes import set_attributes
from ledger.minutes.workspaces import update_plan_allocation
from ledger.pricing.lab import Lab
from ledger.pricing.packing import pack, unpack
from ledger.pricing.refusals import NoHistory
from ledger.pricing.snapshot import take_snapshot
from tests.pricing_company import START, make_company


@pytest.fixture
def taken(engine):
    """A company of 24: a third German, a third French; every second has seats; the first is billed by the year."""
    make_company(engine)
    with writing(engine) as db:
        names = sorted(take_snapshot(db, source="sandbox", at=START.replace(month=4)).history.workspace_ids)
        for number, name in enumerate(names):
            known = {"country": ("DE", "FR")[number % 3]} if number % 3 < 2 else {}
            known |= {"seats": number + 1} if number % 2 else {}
            set_attributes(db, name, known, actor="t", at=START)
        update_plan_allocation(
            db, names[0], "pro", "annual", key="annual", actor="t", at=START.replace(month=3, day=20)
        )
    with reading(engine) as db:
        return take_snapshot(db, source="sandbox", at=START.replace(month=4))


def ids(taken, plan="", **wanted):
    """Return who a question is about."""
    lab = Lab.of(taken.history, taken.choices, taken.tariff).only(plan, taken.traits, tuple(wanted.items()))
    return list(lab.history.workspace_ids)


def test_each_attribute_divides_everybody_into_its_segments_and_those_without(taken):
    everybody = list(taken.history.workspace_ids)

    assert set(taken.traits) == {"billing_cycle", "country", "seats"}
    assert taken.traits["country"].segments == ("none", "DE", "FR")
    assert taken.traits["seats"].segments == ("none", "2-4", "5-9", "10-19", "20-49")
    parts = [ids(taken, country=segment) for segment in ("DE", "FR", "none")]
    assert [len(part) for part in parts] == [8, 8, 8]
    assert sorted(name for part in parts for name in part) == sorted(everybody)


def test_plan_cycle_and_attributes_narrow_together(taken):
    names = sorted(taken.history.workspace_ids)

    assert ids(taken, billing_cycle="annual") == [names[0]]
    assert set(ids(taken, country="DE", seats="10-19")) == {names[9], names[15]}
    pro = set(ids(taken, "pro"))
    assert set(ids(taken, "pro", country="DE")) == pro & set(ids(taken, country="DE"))
    assert ids(taken) == list(taken.history.workspace_ids)


@pytest.mark.parametrize(
    "wanted", [{"mood": "good"}, {"country": "IT"}, {"country": "FR", "billing_cycle": "annual"}]
)
def test_a_segment_without_anybody_is_refused(taken, wanted):
    with pytest.raises(NoHistory):
        ids(taken, **wanted)


def test_traits_come_back_from_storage_and_belong_to_what_answers_saw(taken, engine):
    again = unpack(pack(taken))
    with writing(engine) as db:
        set_attributes(db, taken.history.workspace_ids[0], {"country": "IT"}, actor="t", at=START)
    with reading(engine) as db:
        later = take_snapshot(db, source="sandbox", at=START.replace(month=4))

    for key, trait in taken.traits.items():
        assert again.traits[key].segments == trait.segments
        assert np.array_equal(again.traits[key].codes, trait.codes)
    assert later.fingerprint != taken.fingerprint == again.fingerprint
