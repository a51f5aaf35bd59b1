"""What the schema itself refuses, whatever the code does."""

from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from services.kit import migrate
from services.kit.db import sqlstate
from services.kit.ids import new_id
from services.order import store
from services.order.domain import Amounts
from tests.order.conftest import Buyer, Orders
from tests.order.test_domain import an_order
from tests.support import Realm

_DENIED = "42501"
_GENERATED_ALWAYS = "428C9"
_CHECK_VIOLATION = "23514"
_UNIQUE_VIOLATION = "23505"

rupiah = st.integers(0, 10**12)


async def sqlstate_of(orders: Orders, statement: str, **parameters: object) -> str:
    """Why the database refuses a statement."""
    with pytest.raises(DBAPIError) as refusal:
        await orders.sql(statement, **parameters)
    return sqlstate(refusal.value)


async def stored_total(orders: Orders, amounts: Amounts) -> int:
    """What the database makes of them, and of the lines, in an order that does not stay."""
    order = replace(an_order(), amounts=amounts)
    tx = Tx(orders.engine)
    try:
        assert await store.add(tx, order, "buyer:sari")
        total: int = await tx.scalar(
            text("SELECT total FROM orders WHERE id = :id"), {"id": order.id}
        )
    finally:
        await tx.close()
    return total
