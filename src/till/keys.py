"""Tokens and secrets: mint, digest, seal. A token is stored as its digest, a secret sealed."""

import contextlib
import hashlib
import os
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
NONCE_BYTES = 12


class WrongKey(Exception):
    """What is sealed cannot be opened with this key."""


def mint_token() -> str:
    """An access token: 256 random bits in lower-case hex."""
    return secrets.token_hex(32)


def mint_code() -> str:
    """An authorization code: 32 characters of 192 random bits, which need no escaping in a URL."""
    return secrets.token_urlsafe(24)


def mint_client_id() -> str:
    """32 upper-case hex characters (genstore.md §2.1)."""
    return secrets.token_hex(16).upper()


def mint_secret() -> str:
    return secrets.token_hex(32)


def digest(token: str) -> bytes:
    """What is stored of a token, and what it is looked up by."""
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()


class Sealer:
    """Seals secrets that must be read back (AES-256-GCM); the key lies outside the database.

    `about` ties a sealed secret to its owner, so that a row cannot be swapped for another's.
    """

    def __init__(self, key: bytes) -> None:
        self._box = AESGCM(key)
        self.fingerprint = hashlib.sha256(b"till key fingerprint\0" + key).hexdigest()[:16]

    def seal(self, secret: str, *, about: str) -> bytes:
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._box.encrypt(nonce, secret.encode(), about.encode())

    def unseal(self, sealed: bytes, *, about: str) -> str:
        """The secret; `WrongKey` when it was sealed with another key or for another owner."""
        try:
            return self._box.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], about.encode()).decode()
        except InvalidTag as error:
            raise WrongKey(about) from error


def load_key(path: Path) -> bytes:
    """The key in `path`, made on first use and readable by its owner only.

    It is written whole under another name first, so that nobody ever reads half a key.
    """
    if not path.exists():
        draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
            file.write(secrets.token_bytes(KEY_BYTES).hex().encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    key = bytes.fromhex(path.read_text().strip())
    if len(key) != KEY_BYTES:
        raise ValueError(f"{path} must hold {KEY_BYTES * 2} hex characters")
    return key
