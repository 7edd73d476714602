"""How often tests repeat what they draw by chance: a few times by default, often with `make test DEEP=1`.

The default finds the faults for which the tests were written; the rare ones are looked for at night. A second server
repeats the first third of it: what differs there differs for every draw.
"""

import os


def rounds(few: int, *, deep: int) -> int:
    """Return the number of rounds of a test."""
    if os.environ.get("DEEP"):
        return deep
    return -(-few // 3) if os.environ.get("TEST_DATABASE_URL") else few
