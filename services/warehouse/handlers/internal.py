"""gotong.warehouse.v1.WarehouseInternalService: stock that other services find and set aside."""

from dataclasses import replace
from uuid import UUID

from gotong.warehouse.v1 import warehouse_pb2 as pb
from gotong.warehouse.v1.warehouse_pb2_grpc import WarehouseInternalServiceServicer
from services.kit.clock import Clock
from services.kit.db import Database
from services.kit.ids import new_id
from services.kit.mapping import time_from_proto
from services.kit.rpc import Call, command, query
from services.warehouse.domain import reservations as rules
from services.warehouse.domain.reservations import Reservation, State, Step
from services.warehouse.domain.stock import each_once, locate
from services.warehouse.mapping import (
    holder_from_proto,
    items_from_proto,
    location_to_proto,
    reservation_to_proto,
)
from services.warehouse.store import reservations, stock


class WarehouseInternalService(WarehouseInternalServiceServicer):
    def __init__(self, db: Database, clock: Clock) -> None:
        self.db = db
        self.clock = clock

    @query
    async def LocateStock(self, request: pb.LocateStockRequest, call: Call) -> pb.Location:
        items = each_once(items_from_proto(request.items))
        return location_to_proto(locate(await stock.list_stocked(call.tx, items), items))

    @command
    async def CreateReservation(
        self, request: pb.CreateReservationRequest, call: Call
    ) -> pb.Reservation:
        reservation = Reservation(
            id=new_id(),
            holder=holder_from_proto(request.owner_type, request.owner_id),
            location_id=UUID(request.location_id),
            state=State.ACTIVE,
            items=each_once(items_from_proto(request.items)),
            expire_time=time_from_proto(request.expire_time),
            create_time=call.now,
            update_time=call.now,
        )
        holder, items = reservation.holder, reservation.items
        shelf = await reservations.lock_shelf(call.tx, reservation.location_id, items)
        refusal = rules.refusal(shelf, items)
        if not refusal and await reservations.add(call.tx, reservation, str(call.actor)):
            return reservation_to_proto(reservation)
        if existing := await reservations.find(call.tx, holder):
            return reservation_to_proto(rules.same(existing, items))
        assert refusal, "only a reservation of the same holder stands in the way"
        raise refusal

    @command
    async def ConfirmReservation(
        self, request: pb.ConfirmReservationRequest, call: Call
    ) -> pb.Reservation:
        holder = holder_from_proto(request.owner_type, request.owner_id)
        reservation = await reservations.lock(call.tx, holder)
        return await _take(call, reservation, rules.confirm(reservation))

    @command
    async def ReleaseReservation(
        self, request: pb.ReleaseReservationRequest, call: Call
    ) -> pb.Reservation:
        holder = holder_from_proto(request.owner_type, request.owner_id)
        reservation = await reservations.lock(call.tx, holder)
        return await _take(call, reservation, rules.release(reservation))

    @command
    async def ConsumeReservation(
        self, request: pb.ConsumeReservationRequest, call: Call
    ) -> pb.Reservation:
        holder = holder_from_proto(request.owner_type, request.owner_id)
        reservation = await reservations.lock(call.tx, holder)
        return await _take(call, reservation, rules.consume(reservation))


async def _take(call: Call, reservation: Reservation, step: Step | None) -> pb.Reservation:
    """Take a step, if there is one to be taken, and tell how the reservation is then."""
    if step is None:
        return reservation_to_proto(reservation)
    if step.action:
        shelf = await reservations.lock_shelf(call.tx, reservation.location_id, reservation.items)
        rules.may_move(step.action, shelf, reservation.items)
    await reservations.turn(call.tx, reservation, step, str(call.actor), call.now)
    return reservation_to_proto(replace(reservation, state=step.to, update_time=call.now))
