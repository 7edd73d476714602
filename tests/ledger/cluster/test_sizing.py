"""What a company of a size needs."""

from ledger.cluster.sizing import lines_of_size


def test_a_company_that_half_fills_one_server_needs_no_cluster() -> None:
    assert lines_of_size(1_000_000, 13_600_000_000)[-1].startswith("one PostgreSQL server with a standby")


def test_a_company_that_more_than_half_fills_one_server_is_spread_over_workers() -> None:
    last = lines_of_size(1_000_000, 13_700_000_000)[-1]

    assert "a coordinator and 5 workers" in last
    assert "`distribute --shards 128`" in last


def test_rates_follow_from_the_uses_of_a_year() -> None:
    rates = lines_of_size(10, 31_536_000)[2]

    assert "1.0 a second on average, 10.0 in a busy hour" in rates
