"""Check the signed roots of a ledger without its database: `python check_roots.py FOLDER`.

FOLDER holds `roots.jsonl` and `public_key`, as an operator hands them out. Needs Python and the package
`cryptography`, nothing of the product. Exit status 0: every root is signed and numbered without a gap.
"""

import base64
import json
import sys
from datetime import datetime
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def faults(folder: Path) -> list[str]:
    """Return a line for every root that does not hold."""
    public = Ed25519PublicKey.from_public_bytes(bytes.fromhex((folder / "public_key").read_text().strip()))
    found = []
    for number, line in enumerate((folder / "roots.jsonl").read_text().splitlines(), start=1):
        root = json.loads(line)
        moment = int(datetime.fromisoformat(root["sealed_at"]).timestamp() * 1_000_000)
        message = f"{root['root_no']}|{moment}|{root['leaves']}|{root['root']}".encode()
        try:
            public.verify(base64.b64decode(root["signature"]), message)
        except InvalidSignature:
            found.append(f"root {number}: the signature is not of this key")
        if root["root_no"] != number:
            found.append(f"root {number}: numbered {root['root_no']}")
    return found


if __name__ == "__main__":
    wrong = faults(Path(sys.argv[1]))
    print(*wrong, sep="\n") if wrong else print(
        f"{len((Path(sys.argv[1]) / 'roots.jsonl').read_text().splitlines())} roots, every signature is right"
    )
    sys.exit(1 if wrong else 0)
