"""Wrong keys: counted by address, for a minute, without locking out who has the right one."""

from dashboard.server.wrong_keys import SECONDS, WrongKeys


class Clock:
    """A clock that stands still until it is moved."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_an_address_waits_after_its_last_wrong_key_until_the_minute_is_over() -> None:
    clock = Clock()
    wrong = WrongKeys(most=3, clock=clock)

    reached = [wrong.note_wrong("10.0.0.1") for _ in range(3)]

    assert reached == [False, False, True]
    assert wrong.wait_seconds("10.0.0.1", "k") == 61
    assert wrong.wait_seconds("10.0.0.2", "k") == 0
    clock.now += SECONDS
    assert wrong.wait_seconds("10.0.0.1", "k") == 0
    assert wrong.note_wrong("10.0.0.1") is False


def test_two_wrong_keys_of_three_make_nobody_wait() -> None:
    wrong = WrongKeys(most=3, clock=Clock())

    wrong.note_wrong("a")
    wrong.note_wrong("a")

    assert wrong.wait_seconds("a", "k") == 0


def test_a_key_that_opened_before_is_looked_up_all_the_same() -> None:
    wrong = WrongKeys(most=1, clock=Clock())
    wrong.note_right("good")

    wrong.note_wrong("a")

    assert wrong.wait_seconds("a", "good") == 0
    assert wrong.wait_seconds("a", "other") > 0
