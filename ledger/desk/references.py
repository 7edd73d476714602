"""References in what customers paste: an id of Stripe, a purchase, an address or a receipt inside a sentence."""

import re

_REFERENCE = re.compile(
    r"(?<![A-Za-z0-9_])(?:pi|py|ch|re|pyr|du|dp|in|cus|sub|cs|prv)_[A-Za-z0-9_]{6,}"  # Stripe's ids
    r"|(?<![0-9a-f-])[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}(?![0-9a-f-])"  # purchases
    r"|[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"  # addresses
    r"|(?<=#)[0-9]{4}-[0-9]{4}(?![0-9-])"  # receipts
)


def quoted_reference(text: str) -> str:
    """Return the one reference that a text quotes; the text itself when it quotes none, or several."""
    quoted = {match.group().rstrip(".") for match in _REFERENCE.finditer(text)}
    return quoted.pop() if len(quoted) == 1 else text
