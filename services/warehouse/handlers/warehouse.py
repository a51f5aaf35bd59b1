"""gotong.warehouse.v1.WarehouseService: locations and stock, for staff; availability for all."""

from uuid import UUID

from gotong.warehouse.v1 import warehouse_pb2 as pb
from gotong.warehouse.v1.warehouse_pb2_grpc import WarehouseServiceServicer
from services.kit.clock import Clock
from services.kit.db import Database
from services.kit.fieldmask import check_etag, merge, resource_id
from services.kit.ids import new_id
from services.kit.paging import Window
from services.kit.rpc import Call, command, query
from services.warehouse.domain import stock as rules
from services.warehouse.domain.locations import Location
from services.warehouse.mapping import (
    MUTABLE,
    adjustment_from_proto,
    id_or_none,
    level_to_proto,
    location_to_proto,
    movement_to_proto,
    owner_kind_from_proto,
    place_from_proto,
    reservation_to_proto,
    states_from_proto,
)
from services.warehouse.store import locations, movements, reservations, stock

_MOST_VIOLATIONS = 100


class WarehouseService(WarehouseServiceServicer):
    def __init__(self, db: Database, clock: Clock) -> None:
        self.db = db
        self.clock = clock

    @command
    async def CreateLocation(self, request: pb.CreateLocationRequest, call: Call) -> pb.Location:
        location = Location(
            id=new_id(),
            code=request.location.code,
            place=place_from_proto(request.location),
            version=1,
            create_time=call.now,
            update_time=call.now,
        )
        await locations.add(call.tx, location)
        return location_to_proto(location)

    @query
    async def GetLocation(self, request: pb.GetLocationRequest, call: Call) -> pb.Location:
        return location_to_proto(await locations.get(call.tx, UUID(request.location_id)))

    @query
    async def ListLocations(
        self, request: pb.ListLocationsRequest, call: Call
    ) -> pb.ListLocationsResponse:
        window = Window.of(request)
        found = await locations.list_newest(call.tx, window)
        page, next_page_token = window.page(found, lambda location: location.id)
        return pb.ListLocationsResponse(
            locations=map(location_to_proto, page), next_page_token=next_page_token
        )

    @command
    async def UpdateLocation(self, request: pb.UpdateLocationRequest, call: Call) -> pb.Location:
        location_id = resource_id(request.location.id, "location.id")
        location = await locations.get(call.tx, location_id, lock=True)
        current = location_to_proto(location)
        check_etag(request.location, current)
        wanted = merge(current, request.location, request.update_mask, mutable=MUTABLE)
        changed = await locations.set_place(call.tx, location, place_from_proto(wanted), call.now)
        return location_to_proto(changed)

    @command
    async def DeleteLocation(
        self, request: pb.DeleteLocationRequest, call: Call
    ) -> pb.DeleteLocationResponse:
        await locations.remove(call.tx, UUID(request.location_id))
        return pb.DeleteLocationResponse()

    @command
    async def AdjustStock(self, request: pb.AdjustStockRequest, call: Call) -> pb.StockLevel:
        kind = owner_kind_from_proto(request.owner_kind)
        owner = rules.owner(kind, id_or_none(request.owner_id))
        location_id, variant_id = UUID(request.location_id), UUID(request.variant_id)
        level = await stock.open_level(call.tx, location_id, variant_id, owner, call.now)
        adjustment = adjustment_from_proto(request)
        rules.may_adjust(level, owner, adjustment.delta)
        return level_to_proto(
            await stock.adjust(call.tx, level, adjustment, str(call.actor), call.now)
        )

    @query
    async def GetStockLevel(self, request: pb.GetStockLevelRequest, call: Call) -> pb.StockLevel:
        location_id, variant_id = UUID(request.location_id), UUID(request.variant_id)
        return level_to_proto(await stock.get(call.tx, location_id, variant_id))

    @query
    async def ListStockLevels(
        self, request: pb.ListStockLevelsRequest, call: Call
    ) -> pb.ListStockLevelsResponse:
        window = Window.of(request)
        found = await stock.list_newest(
            call.tx,
            window,
            owner_id=rules.whose_stock(call.actor),
            location_id=id_or_none(request.location_id),
            variant_id=id_or_none(request.variant_id),
        )
        page, next_page_token = window.page(found, lambda level: level.id)
        return pb.ListStockLevelsResponse(
            stock_levels=map(level_to_proto, page), next_page_token=next_page_token
        )

    @query
    async def ListStockMovements(
        self, request: pb.ListStockMovementsRequest, call: Call
    ) -> pb.ListStockMovementsResponse:
        window = Window.of(request)
        found = await movements.list_newest(
            call.tx,
            window,
            variant_id=id_or_none(request.variant_id),
            location_id=id_or_none(request.location_id),
            reservation_id=id_or_none(request.reservation_id),
        )
        page, next_page_token = window.page(found, lambda movement: movement.id)
        return pb.ListStockMovementsResponse(
            stock_movements=map(movement_to_proto, page), next_page_token=next_page_token
        )

    @query
    async def GetReservation(self, request: pb.GetReservationRequest, call: Call) -> pb.Reservation:
        return reservation_to_proto(await reservations.get(call.tx, UUID(request.reservation_id)))

    @query
    async def ListReservations(
        self, request: pb.ListReservationsRequest, call: Call
    ) -> pb.ListReservationsResponse:
        window = Window.of(request)
        found = await reservations.list_newest(
            call.tx,
            window,
            states=states_from_proto(request.states),
            owner_id=id_or_none(request.owner_id),
        )
        page, next_page_token = window.page(found, lambda reservation: reservation.id)
        return pb.ListReservationsResponse(
            reservations=map(reservation_to_proto, page), next_page_token=next_page_token
        )

    @query
    async def BatchGetAvailability(
        self, request: pb.BatchGetAvailabilityRequest, call: Call
    ) -> pb.BatchGetAvailabilityResponse:
        variant_ids = [UUID(variant_id) for variant_id in request.variant_ids]
        available = await stock.availability(call.tx, variant_ids)
        availability = pb.BatchGetAvailabilityResponse.Availability
        return pb.BatchGetAvailabilityResponse(
            availabilities=[
                availability(variant_id=str(id), available=available.get(id, 0))
                for id in variant_ids
            ]
        )

    @query
    async def CheckStockInvariants(
        self, _: pb.CheckStockInvariantsRequest, call: Call
    ) -> pb.CheckStockInvariantsResponse:
        found = await movements.list_violations(call.tx, call.now, _MOST_VIOLATIONS)
        violation = pb.CheckStockInvariantsResponse.Violation
        return pb.CheckStockInvariantsResponse(
            violations=[violation(invariant=id, subject=subject) for id, subject in found]
        )
