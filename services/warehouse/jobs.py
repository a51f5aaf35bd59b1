"""What happens when nobody asks: reservations whose time ran out are given back."""

from services.kit.actor import job
from services.kit.clock import Clock
from services.kit.db import Database, Tx
from services.kit.telemetry import log
from services.warehouse.domain import reservations
from services.warehouse.domain.reservations import Holder
from services.warehouse.store import reservations as store

_LIMIT = 500
_ACTOR = job("expire_reservations")


async def expire_reservations(db: Database, clock: Clock) -> None:
    """One transaction each, so that one that fails keeps no other from being given back."""
    async with db.reading() as tx:
        due = await store.list_due(tx, clock(), _LIMIT)
    for holder in due:
        try:
            async with db.transaction() as tx:
                await _expire(tx, holder, clock)
        except Exception as error:  # noqa: BLE001 - the next sweep tries it again
            log.error("a reservation does not expire", owner_id=str(holder.id), exc_info=error)


async def _expire(tx: Tx, holder: Holder, clock: Clock) -> None:
    now = clock()
    reservation = await store.lock(tx, holder)
    if step := reservations.expire(reservation, now):
        await store.lock_shelf(tx, reservation.location_id, reservation.items)
        await store.turn(tx, reservation, step, _ACTOR, now)
