"""Roots: a Merkle tree over the seals of one pass, signed with a key stored outside the database."""

from __future__ import annotations

import base64
import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

NO_ROOT = bytes(32)


@dataclass(frozen=True, kw_only=True)
class Root:
    """One signed root. `leaves`: how many seals it covers; the root before it is one more leaf."""

    root_no: int
    sealed_at: datetime
    leaves: int
    root: bytes
    signature: bytes
    key_id: str

    def as_line(self) -> str:
        """Return the root as one line of JSON, as it is stored outside the database."""
        return json.dumps(
            {
                "root_no": self.root_no,
                "sealed_at": self.sealed_at.isoformat(),
                "leaves": self.leaves,
                "root": self.root.hex(),
                "signature": base64.b64encode(self.signature).decode(),
                "key_id": self.key_id,
            }
        )


class SealKey:
    """The signing key of an installation, in a file that only its account reads."""

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private
        self.public = private.public_key().public_bytes_raw()
        self.key_id = hashlib.sha256(self.public).hexdigest()[:16]

    def sign(self, message: bytes) -> bytes:
        """Return the signature of a message."""
        return self._private.sign(message)


def folder_of(data_dir: Path) -> Path:
    """Return the folder of key and roots; keep it on another machine or medium than the database."""
    return data_dir / "seals"


def open_key(folder: Path) -> SealKey:
    """Return the key in this folder, created on the first call with its public key beside it."""
    path = folder / "key"
    if not path.exists():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        private = Ed25519PrivateKey.generate().private_bytes_raw()
        try:
            with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
                file.write(private.hex())
        except FileExistsError:
            pass  # another process created it at the same time
    key = SealKey(Ed25519PrivateKey.from_private_bytes(bytes.fromhex(path.read_text().strip())))
    (folder / "public_key").write_text(key.public.hex() + "\n")
    return key


def merkle_root(leaves: Sequence[bytes]) -> bytes:
    """Return the root of sorted leaves; a leaf without a partner moves up unchanged."""
    level = sorted(leaves) or [NO_ROOT]
    while len(level) > 1:
        pairs = zip(level[::2], level[1::2], strict=False)
        alone = level[-1:] if len(level) % 2 else []
        level = [hashlib.sha256(b"\x01" + left + right).digest() for left, right in pairs] + alone
    return level[0]


def signed_text(root_no: int, sealed_at: datetime, leaves: int, root: bytes) -> bytes:
    """Return what the signature of a root covers."""
    return f"{root_no}|{int(sealed_at.timestamp() * 1_000_000)}|{leaves}|{root.hex()}".encode()


def is_signed(root: Root, public: bytes) -> bool:
    """Return whether this key signed a root."""
    message = signed_text(root.root_no, root.sealed_at, root.leaves, root.root)
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(root.signature, message)
    except InvalidSignature:
        return False
    return True


def append(folder: Path, root: Root) -> None:
    """Add a root to the file outside the database."""
    with (folder / "roots.jsonl").open("a") as file:
        file.write(root.as_line() + "\n")


def lines_outside(folder: Path) -> list[str]:
    """Return the roots stored outside the database, as lines."""
    path = folder / "roots.jsonl"
    return path.read_text().splitlines() if path.exists() else []
