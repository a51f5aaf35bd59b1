from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import NullPool, make_url, text
from sqlalchemy.ext.asyncio import create_async_engine

from gotong.order.v1 import order_pb2 as pb
from gotong.order.v1.order_pb2_grpc import OrderServiceStub
from tests.order.conftest import PAYMENT_WINDOW, Buyer, Orders
from tests.order.requests import cancel_order
from tests.support import an_id, refused


async def violations(staff: OrderServiceStub) -> list[tuple[str, str]]:
    response = await staff.CheckOrderInvariants(pb.CheckOrderInvariantsRequest())
    return [(found.invariant, found.subject) for found in response.violations]


@asynccontextmanager
async def corrupted(
    orders: Orders, harm: str, repair: str, **parameters: object
) -> AsyncIterator[None]:
    """As nobody but a superuser can do it: past triggers and rights."""
    url = make_url(orders.realm.superuser_url).set(
        drivername="postgresql+asyncpg", database=make_url(orders.realm.urls["order"]).database
    )
    engine = create_async_engine(url, poolclass=NullPool)

    async def run(statement: str) -> None:
        async with engine.begin() as connection:
            await connection.execute(text("SET LOCAL session_replication_role = replica"))
            await connection.execute(text('SET LOCAL search_path = "order"'))
            await connection.execute(text(statement), parameters)

    await run(harm)
    try:
        yield
    finally:
        await run(repair)


async def test_whatever_happens_to_orders_no_fact_contradicts_another(
    orders: Orders, buyer: Buyer, admin: OrderServiceStub
) -> None:
    _, paid, cancelled = [await buyer.place((1_000, 3), (500, 7)) for _ in range(3)]
    await orders.pay(paid)
    await buyer.stub.CancelOrder(cancel_order(cancelled.id))
    orders.clock.move(PAYMENT_WINDOW)
    await orders.catch_up()

    assert await violations(admin) == []


@pytest.mark.parametrize(
    ("invariant", "harm", "repair"),
    [
        (
            "INV-17",
            "UPDATE orders SET subtotal_amount = subtotal_amount + 1 WHERE id::text = :id",
            "UPDATE orders SET subtotal_amount = subtotal_amount - 1 WHERE id::text = :id",
        ),
        (
            "INV-17",
            "UPDATE order_lines SET quantity = quantity + 1 WHERE order_id::text = :id",
            "UPDATE order_lines SET quantity = quantity - 1 WHERE order_id::text = :id",
        ),
        (
            "FSM-3",
            "UPDATE orders SET state = 'expired' WHERE id::text = :id",
            "UPDATE orders SET state = 'pending_payment' WHERE id::text = :id",
        ),
        (
            "FSM-3",
            "UPDATE order_events SET from_state = 'paid' WHERE order_id::text = :id",
            "UPDATE order_events SET from_state = NULL WHERE order_id::text = :id",
        ),
    ],
)
async def test_a_fact_that_contradicts_another_is_named(
    orders: Orders, buyer: Buyer, admin: OrderServiceStub, invariant: str, harm: str, repair: str
) -> None:
    order = await buyer.place()

    async with corrupted(orders, harm, repair, id=order.id):
        found = await violations(admin)

    assert found == [(invariant, order.id)]
    assert await violations(admin) == []


async def test_an_order_without_lines_is_named(
    orders: Orders, buyer: Buyer, admin: OrderServiceStub
) -> None:
    order = await buyer.place()
    move = "UPDATE order_lines SET order_id = CAST(:to AS uuid) WHERE order_id = CAST(:id AS uuid)"
    harm, repair = move, move.replace(":to", ":was").replace(":id", ":to").replace(":was", ":id")

    async with corrupted(orders, harm, repair, id=order.id, to=an_id()):
        found = await violations(admin)

    assert found == [("INV-17", order.id)]


@pytest.mark.parametrize("role", ["buyer", "seller", "factory"])
async def test_only_staff_ask_it(orders: Orders, role: str) -> None:
    with refused("ROLE_REQUIRED"):
        await violations(await orders.user(role, org_id=an_id()))
