"""Encrypts what is stored of an installation. Fernet: AES-128-CBC with an HMAC, so that what was changed is not read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from digest.errors import ConfigurationError

if TYPE_CHECKING:
    from digest.settings import Settings

_REMEDY = "Make one with: ainews manifest --new-key"


def new_key() -> str:
    """A fresh AINEWS_TOKEN_KEY."""
    return Fernet.generate_key().decode()


class Sealed:
    """Seals and opens bytes with the key that is set. Several keys parted by commas: the first seals, all open, so that a key can be
    changed. Raises ConfigurationError where there is none or it is none."""

    def __init__(self, settings: Settings) -> None:
        if settings.token_key is None:
            raise ConfigurationError("AINEWS_TOKEN_KEY is not set, which encrypts the tokens of workspaces", remedy=_REMEDY)
        try:
            keys = [Fernet(k.strip()) for k in settings.token_key.get_secret_value().split(",") if k.strip()]
            self._fernet = MultiFernet(keys)
        except ValueError as error:
            raise ConfigurationError("AINEWS_TOKEN_KEY is no key", remedy=_REMEDY) from error

    def seal(self, plain: bytes) -> bytes:
        """``plain``, unreadable without the key."""
        return self._fernet.encrypt(plain)

    def open(self, sealed: bytes) -> bytes | None:
        """What was sealed; None where it was sealed with another key, or changed."""
        try:
            return self._fernet.decrypt(sealed)
        except InvalidToken:
            return None
