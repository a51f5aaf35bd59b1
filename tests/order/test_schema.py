"""What the schema itself sees to, whatever the code does."""

from contextlib import suppress
from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given, settings
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from services.kit import migrate
from services.kit.db import sqlstate
from services.kit.ids import new_id
from services.order import domain, store
from tests.order.conftest import Buyer, Orders
from tests.order.test_domain import a_line, an_order, cart_lines, rupiah
from tests.support import Realm

_DENIED = "42501"
_GENERATED_ALWAYS = "428C9"
_CHECK_VIOLATION = "23514"
_UNIQUE_VIOLATION = "23505"


class Undone(Exception):
    """Ends a transaction that was only to find something out."""


async def sqlstate_of(orders: Orders, statement: str, **parameters: object) -> str:
    """Why the database refuses a statement."""
    with pytest.raises(DBAPIError) as refusal:
        await orders.sql(statement, **parameters)
    return sqlstate(refusal.value)


async def stored_amounts(orders: Orders, order: domain.Order) -> tuple[int, list[int]]:
    """The total and the lines' amounts as the database computes them."""
    found: tuple[int, list[int]] = 0, []
    with suppress(Undone):
        async with orders.app.db.transaction() as tx:
            assert await store.add(tx, order, "buyer:sari")
            total = await tx.scalar(text("SELECT total FROM orders WHERE id = :i"), {"i": order.id})
            lines = await tx.execute(
                text("SELECT amount FROM order_lines WHERE order_id = :i ORDER BY position"),
                {"i": order.id},
            )
            found = total, list(lines.scalars())
            raise Undone
    return found


async def test_the_migrations_make_the_tables(realm: Realm) -> None:
    await migrate.check("order", realm.urls["order"])


async def test_the_total_is_goods_and_shipping_less_the_discount(orders: Orders) -> None:
    """V-24."""
    amounts = domain.amounts([a_line(250_000, 1)], shipping=18_000, discount=10_000)

    total, _ = await stored_amounts(orders, replace(an_order(), amounts=amounts))

    assert total == amounts.total == 258_000


@settings(max_examples=40, deadline=None)
@given(cart=cart_lines, shipping=rupiah, tax=rupiah, discount=rupiah)
async def test_the_database_computes_the_total_that_the_buyer_is_told(
    orders: Orders, cart: list[tuple[int, int]], shipping: int, tax: int, discount: int
) -> None:
    lines = tuple(a_line(price, quantity) for price, quantity in cart)
    owed = domain.amounts(lines, shipping=shipping, tax=tax).total
    amounts = domain.amounts(lines, shipping=shipping, tax=tax, discount=min(discount, owed))

    stored = await stored_amounts(orders, replace(an_order(), lines=lines, amounts=amounts))

    assert stored == (amounts.total, [line.amount for line in lines])


async def test_nobody_else_computes_the_total(orders: Orders, buyer: Buyer) -> None:
    order = await buyer.place()
    write = "UPDATE orders SET total = 1 WHERE id = :id"

    assert await sqlstate_of(orders, write, id=UUID(order.id)) == _GENERATED_ALWAYS


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE order_events SET reason = 'another'",
        "DELETE FROM order_events",
        "TRUNCATE order_events",
    ],
)
async def test_history_is_only_added_to(orders: Orders, buyer: Buyer, statement: str) -> None:
    order = await buyer.place()

    assert await sqlstate_of(orders, statement) == _DENIED
    assert len(await buyer.history(order.id)) == 1


@pytest.mark.parametrize(
    "change",
    [
        "discount_amount = 268001",
        "shipping_amount = -1",
        "subtotal_amount = -1, tax_amount = 300000",
        "state = 'paid'",
        "payment_id = gen_random_uuid(), pay_time = now()",
        "state = 'lost'",
        "seller_id = gen_random_uuid()",
        "seller_kind = 'seller'",
    ],
)
async def test_an_order_that_cannot_be_is_not_written(
    orders: Orders, buyer: Buyer, change: str
) -> None:
    order = await buyer.place()
    write = f"UPDATE orders SET {change} WHERE id = :id"  # noqa: S608 - a case of ours

    assert await sqlstate_of(orders, write, id=UUID(order.id)) == _CHECK_VIOLATION


async def test_one_payment_does_not_pay_two_orders(orders: Orders, buyer: Buyer) -> None:
    first, second = [UUID((await buyer.place()).id) for _ in range(2)]
    write = "UPDATE orders SET state = 'paid', payment_id = :p, pay_time = now() WHERE id = ANY(:i)"

    assert await sqlstate_of(orders, write, p=new_id(), i=[first, second]) == _UNIQUE_VIOLATION


async def test_every_foreign_key_and_every_listed_filter_has_an_index(orders: Orders) -> None:
    rows = await orders.sql("""
        SELECT i.indrelid::regclass::text, array_agg(a.attname::text ORDER BY k.position)
        FROM pg_index i, unnest(i.indkey::int2[]) WITH ORDINALITY AS k (number, position)
        JOIN pg_attribute a ON a.attnum = k.number
        WHERE a.attrelid = i.indrelid AND i.indpred IS NULL
        AND i.indrelid IN ('orders'::regclass, 'order_lines'::regclass, 'order_events'::regclass)
        GROUP BY i.indexrelid, i.indrelid
    """)
    indexes = [(table, tuple(columns)) for table, columns in rows]

    for wanted in (
        ("orders", ("buyer_id", "id")),
        ("orders", ("seller_id", "id")),
        ("orders", ("state", "id")),
        ("order_events", ("order_id", "id")),
        ("order_lines", ("order_id", "position")),
    ):
        assert wanted in indexes
