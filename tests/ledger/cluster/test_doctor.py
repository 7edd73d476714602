"""What `doctor` says of one server and of a cluster."""

import pytest

from ledger.cluster.doctor import ClusterCheck, examine
from tests.databases import migrated_database
from tests.spread.cluster import NEEDS_CLUSTER, distributed_database


def test_one_server_is_right_as_it_is() -> None:
    with migrated_database() as engine:
        (only,) = examine(engine)

    assert only.about.startswith("one PostgreSQL server without Citus")
    assert only.fault == ""


def test_a_fault_comes_with_what_to_do() -> None:
    line = str(ClusterCheck(about="tables", fault="notes are not spread", remedy="run it"))

    assert line == "tables: notes are not spread; run it"


@pytest.mark.skipif(NEEDS_CLUSTER, reason="TEST_CITUS_URL is not set")
def test_a_new_table_of_the_registry_is_named_until_it_is_spread() -> None:
    with distributed_database() as engine:
        assert [check for check in examine(engine) if check.fault] == []
