"""What the provider told us."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from services.kit.db import Tx
from services.kit.ids import new_id
from services.payment.domain.invoice import Notice
from services.payment.tables import payments, webhook_events


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
    payment_id = (
        select(payments.c.id)
        .where(
            (payments.c.provider_invoice_id == notice.invoice_id)
            | (payments.c.external_id == notice.external_id)
        )
        .order_by((payments.c.provider_invoice_id == notice.invoice_id).desc().nulls_last())
        .limit(1)
        .scalar_subquery()
    )
    statement = (
        insert(webhook_events)
        .values(
            id=new_id(),
            provider="xendit",
            event_key=key,
            invoice_id=notice.invoice_id,
            status=notice.status,
            payment_id=payment_id,
            headers=dict(headers),
            body=body,
            receive_time=now,
        )
        .on_conflict_do_nothing(index_elements=["provider", "event_key"])
        .returning(webhook_events.c.id, webhook_events.c.payment_id)
    )
    row = (await tx.execute(statement)).one_or_none()
    return row.id if row and row.payment_id else None


async def get_payment_id(tx: Tx, event_id: UUID) -> UUID:
    payment_id: UUID = await tx.scalar(
        select(webhook_events.c.payment_id).where(webhook_events.c.id == event_id)
    )
    return payment_id
