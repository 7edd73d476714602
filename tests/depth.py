"""How often tests repeat what they draw by chance: a few times by default, as often as once with `make test DEEP=1`.

The default finds the faults for which the tests were written; the rare ones are looked for at night.
"""

import os


def rounds(few: int, *, deep: int) -> int:
    """Return the number of rounds of a test."""
    return deep if os.environ.get("DEEP") else few
