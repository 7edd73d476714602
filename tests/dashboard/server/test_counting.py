"""Requests are counted by status and by how long they took."""

from dashboard.server.counting import Requests


def test_a_request_stands_in_its_bucket_and_in_every_larger_one() -> None:
    requests = Requests()
    for status, seconds in ((200, 0.005), (200, 0.0051), (404, 11.0)):
        requests.count(status, seconds)

    lines = requests.lines()

    assert 'minutes_http_requests_total{status="200"} 2' in lines
    assert 'minutes_http_requests_total{status="404"} 1' in lines
    assert 'minutes_http_request_seconds_bucket{le="0.005"} 1' in lines
    assert 'minutes_http_request_seconds_bucket{le="0.01"} 2' in lines
    assert 'minutes_http_request_seconds_bucket{le="10.0"} 2' in lines
    assert 'minutes_http_request_seconds_bucket{le="+Inf"} 3' in lines
    assert "minutes_http_request_seconds_count 3" in lines
