"""What the provider told us."""

import json
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from services.kit.db import Tx, prepared
from services.kit.ids import new_id
from services.payment.domain.invoice import Notice

_ADD = prepared(
    text("""
    INSERT INTO webhook_events (id, provider, event_key, invoice_id, status, payment_id,
        headers, body, receive_time)
    VALUES (:id, 'xendit', :event_key, :invoice_id, :status,
        coalesce(
            (SELECT id FROM payments WHERE provider_invoice_id = :invoice_id),
            (SELECT id FROM payments WHERE external_id = :external_id)),
        :headers, :body, :now)
    ON CONFLICT (provider, event_key) DO NOTHING
    RETURNING id, payment_id
""")
)


async def add(
    tx: Tx,
    notice: Notice,
    *,
    key: str,
    headers: Mapping[str, str],
    body: bytes,
    now: datetime,
) -> UUID | None:
    """Keep a notice. Answers with its id, unless it is known already or of no payment."""
    rows = await tx.fetch(
        _ADD,
        {
            "id": new_id(),
            "event_key": key,
            "invoice_id": notice.invoice_id,
            "external_id": notice.external_id,
            "status": notice.status,
            "headers": json.dumps(dict(headers)),
            "body": body,
            "now": now,
        },
    )
    return rows[0].id if rows and rows[0].payment_id else None
