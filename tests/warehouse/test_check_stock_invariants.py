import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from uuid import UUID

import grpc
import pytest
from sqlalchemy import text

from gotong.warehouse.v1 import warehouse_pb2 as pb
from services.warehouse.store.movements import list_violations
from tests.support import reason_of
from tests.warehouse.conftest import Warehouse
from tests.warehouse.requests import (
    NEVER,
    adjust_stock,
    ago,
    confirm,
    consume,
    create_reservation,
    release,
)
from tests.warehouse.superuser import as_superuser

STEPS = 160
AT_A_TIME = 8
EXPECTED = {
    "OUT_OF_STOCK",
    "STOCK_RESERVED",
    "RESERVATION_NOT_CONFIRMABLE",
    "RESERVATION_NOT_RELEASABLE",
    "RESERVATION_NOT_CONFIRMED",
}

Step = Callable[[], Awaitable[object]]


async def violations(warehouse: Warehouse) -> list[tuple[str, str]]:
    answer = await warehouse.admin.CheckStockInvariants(pb.CheckStockInvariantsRequest())
    return [(each.invariant, each.subject) for each in answer.violations]


class Life:
    """Whatever can happen to the stock of a few variants, in an order that chance decides."""

    def __init__(
        self, warehouse: Warehouse, location: pb.Location, variants: Sequence[str], seed: int
    ) -> None:
        self.refusals: set[str] = set()
        self._warehouse = warehouse
        self._location = location
        self._variants = variants
        self._reservations: list[pb.Reservation] = []
        self._chance = random.Random(seed)  # noqa: S311 - the same every time

    async def go_on(self) -> None:
        """One step, and if it is refused, why."""
        try:
            await self._chance.choice(self._steps())()
        except grpc.aio.AioRpcError as error:
            self.refusals.add(reason_of(error))

    def _steps(self) -> list[Step]:
        order = self._warehouse.order
        steps: list[Step] = [self._adjust, self._reserve, self._reserve, self._expire]
        if not self._reservations:
            return steps
        some = self._chance.choice(self._reservations)
        verbs: list[Step] = [
            lambda: order.ConfirmReservation(confirm(some)),
            lambda: order.ReleaseReservation(release(some)),
            lambda: order.ConsumeReservation(consume(some)),
        ]
        return steps + verbs * 2

    async def _adjust(self) -> None:
        variant_id, delta = self._chance.choice(self._variants), self._chance.randint(-8, 12)
        await self._warehouse.admin.AdjustStock(
            adjust_stock(self._location, variant_id, delta or 1)
        )

    async def _reserve(self) -> None:
        number = self._chance.randint(1, len(self._variants))
        variants = self._chance.sample(self._variants, number)
        items = {variant_id: self._chance.randint(1, 4) for variant_id in variants}
        expire_time = self._chance.choice([NEVER, ago(minutes=1)])
        request = create_reservation(self._location, items, expire_time=expire_time)
        self._reservations.append(await self._warehouse.order.CreateReservation(request))

    async def _expire(self) -> None:
        await self._warehouse.expire(ago())


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_whatever_happens_nothing_contradicts_anything(
    warehouse: Warehouse, location: pb.Location, seed: int
) -> None:
    variants = [await warehouse.stock(location, 20) for _ in range(4)]
    life = Life(warehouse, location, variants, seed)

    for _ in range(STEPS // AT_A_TIME):
        await asyncio.gather(*(life.go_on() for _ in range(AT_A_TIME)))

    assert life.refusals <= EXPECTED
    actions = {m.action for variant_id in variants for m in await warehouse.movements(variant_id)}
    assert actions == set(pb.StockMovement.Action.values()) - {0}
    assert await violations(warehouse) == []


async def test_stock_that_changed_without_a_movement_is_named(
    warehouse: Warehouse, location: pb.Location
) -> None:
    variant_id = await warehouse.stock(location, 5)
    level = await warehouse.level(location, variant_id)
    change = text("UPDATE stock_levels SET quantity = quantity + :delta WHERE id = :level")

    await warehouse.app.db.execute(change, {"delta": 1, "level": level.id})
    found = await violations(warehouse)
    await warehouse.app.db.execute(change, {"delta": -1, "level": level.id})

    assert found == [("INV-13", level.id)]


@pytest.mark.parametrize(
    ("damage", "expected"),
    [
        ("UPDATE stock_levels SET reserved = reserved - 1 WHERE id = :level", {"level"}),
        ("UPDATE stock_levels SET version = version + 1 WHERE id = :level", {"level"}),
        ("DELETE FROM stock_movements WHERE id = :first", {"level", "second"}),
        ("UPDATE stock_movements SET quantity_after = 9 WHERE id = :first", {"level", "second"}),
        (
            """
            UPDATE stock_movements SET reserved_before = reserved_before + 1,
                reserved_after = reserved_after + 1 WHERE id = :first
            """,
            {"first", "second"},
        ),
        ("UPDATE reservations SET state = 'released' WHERE id = :reservation", {"level"}),
        (
            "UPDATE reservation_items SET quantity = 1 WHERE reservation_id = :reservation",
            {"level"},
        ),
        ("DELETE FROM stock_levels WHERE id = :level", {"variant"}),
    ],
)
async def test_damage_is_found_where_it_is(
    warehouse: Warehouse, location: pb.Location, damage: str, expected: set[str]
) -> None:
    variant_id = await warehouse.stock(location, 5)
    reservation = await warehouse.order.CreateReservation(
        create_reservation(location, {variant_id: 2})
    )
    first, second = await warehouse.movements(variant_id)
    places = {
        "variant": variant_id,
        "level": first.stock_level_id,
        "first": first.id,
        "second": second.id,
        "reservation": reservation.id,
    }

    async with as_superuser(warehouse.realm) as tx:
        await tx.execute(text("SET LOCAL session_replication_role = replica"))
        await tx.execute(text(damage), {name: UUID(id) for name, id in places.items()})
        found = await list_violations(tx, datetime.now(UTC), 100)

    assert set(found) == {("INV-13", places[place]) for place in expected}


@pytest.mark.parametrize(("minutes", "is_late"), [(4, False), (6, True)])
async def test_a_reservation_that_was_not_given_back_in_time_is_named(
    warehouse: Warehouse, location: pb.Location, minutes: int, *, is_late: bool
) -> None:
    variant_id = await warehouse.stock(location, 5)
    reservation = await warehouse.order.CreateReservation(
        create_reservation(location, {variant_id: 2}, expire_time=ago(minutes=-60))
    )

    async with warehouse.app.db.reading() as tx:
        found = await list_violations(tx, ago(minutes=-60 - minutes), 100)

    assert (("INV-14", reservation.id) in found) is is_late


async def test_only_the_first_violations_are_told(
    warehouse: Warehouse, location: pb.Location
) -> None:
    variants = [await warehouse.stock(location, 5) for _ in range(3)]

    async with as_superuser(warehouse.realm) as tx:
        await tx.execute(
            text("UPDATE stock_levels SET reserved = 1 WHERE variant_id = ANY(:variants)"),
            {"variants": variants},
        )
        found = await list_violations(tx, datetime.now(UTC), 2)

    assert len(found) == 2
