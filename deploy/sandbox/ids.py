"""Identifiers that look like the providers' own."""

import secrets
from uuid import UUID


def new_object_id() -> str:
    """24 hex digits, as Xendit numbers invoices."""
    return secrets.token_hex(12)


def new_uuid() -> UUID:
    return UUID(bytes=secrets.token_bytes(16), version=4)
