"""gotong.address.v1: apply the rules, record the result."""

from dataclasses import replace
from uuid import UUID

from gotong.address.v1 import address_pb2 as pb
from gotong.address.v1.address_pb2_grpc import (
    AddressInternalServiceServicer,
    AddressServiceServicer,
)
from services.address import domain, store
from services.address.mapping import (
    MUTABLE,
    address_to_proto,
    area_to_proto,
    details_from_proto,
    details_to_proto,
    snapshot_to_proto,
)
from services.kit.clock import Clock
from services.kit.db import Database
from services.kit.fieldmask import merge, resource_id
from services.kit.ids import new_id
from services.kit.paging import Window
from services.kit.rpc import Call, command, query


class AddressService(AddressServiceServicer):
    def __init__(self, db: Database, clock: Clock) -> None:
        self.db = db
        self.clock = clock

    @command
    async def CreateAddress(self, request: pb.CreateAddressRequest, call: Call) -> pb.Address:
        village = await store.find_village(call.tx, request.address.village_code)
        details, village = domain.checked(details_from_proto(request.address), village)
        existing = await store.lock_book(call.tx, call.actor.user_id)
        domain.may_add(len(existing))
        address = domain.Address(
            id=new_id(),
            user_id=call.actor.user_id,
            details=details,
            village=village,
            is_default=not existing,
            create_time=call.now,
            update_time=call.now,
        )
        await store.add(call.tx, address)
        return address_to_proto(address)

    @query
    async def GetAddress(self, request: pb.GetAddressRequest, call: Call) -> pb.Address:
        owner = None if call.actor.is_staff else call.actor.user_id
        return address_to_proto(await store.get(call.tx, UUID(request.address_id), user_id=owner))

    @query
    async def ListAddresses(
        self, request: pb.ListAddressesRequest, call: Call
    ) -> pb.ListAddressesResponse:
        window = Window.of(request)
        found = await store.list_by_user(call.tx, call.actor.user_id, window)
        addresses, next_page_token = window.page(found, lambda address: address.id)
        return pb.ListAddressesResponse(
            addresses=map(address_to_proto, addresses), next_page_token=next_page_token
        )

    @command
    async def UpdateAddress(self, request: pb.UpdateAddressRequest, call: Call) -> pb.Address:
        address_id = resource_id(request.address.id, "address.id")
        await store.lock_book(call.tx, call.actor.user_id)
        address = await store.get(call.tx, address_id, user_id=call.actor.user_id)
        wanted = merge(
            address_to_proto(address), request.address, request.update_mask, mutable=MUTABLE
        )
        village = await store.find_village(call.tx, wanted.village_code)
        details, village = domain.checked(details_from_proto(wanted), village)
        await store.set_details(call.tx, address_id, details, call.now)
        return address_to_proto(
            replace(address, details=details, village=village, update_time=call.now)
        )

    @command
    async def DeleteAddress(
        self, request: pb.DeleteAddressRequest, call: Call
    ) -> pb.DeleteAddressResponse:
        user_id, address_id = call.actor.user_id, UUID(request.address_id)
        existing = await store.lock_book(call.tx, user_id)
        address = await store.get(call.tx, address_id, user_id=user_id)
        await store.remove(call.tx, address_id)
        heir = domain.next_default([id for id in existing if id != address_id])
        if address.is_default and heir:
            await store.set_default(call.tx, user_id, heir, call.now)
        return pb.DeleteAddressResponse()

    @command
    async def SetDefaultAddress(
        self, request: pb.SetDefaultAddressRequest, call: Call
    ) -> pb.Address:
        user_id, address_id = call.actor.user_id, UUID(request.address_id)
        await store.lock_book(call.tx, user_id)
        await store.get(call.tx, address_id, user_id=user_id)
        await store.set_default(call.tx, user_id, address_id, call.now)
        return address_to_proto(await store.get(call.tx, address_id))

    @query
    async def ValidateAddress(self, request: pb.ValidateAddressRequest, call: Call) -> pb.Address:
        village = await store.find_village(call.tx, request.address.village_code)
        return details_to_proto(*domain.checked(details_from_proto(request.address), village))

    @query
    async def ListAreas(self, request: pb.ListAreasRequest, call: Call) -> pb.ListAreasResponse:
        window = Window.of(request)
        found = await store.list_areas(call.tx, request.parent_code, window)
        areas, next_page_token = window.page(found, lambda area: area.code)
        return pb.ListAreasResponse(
            areas=map(area_to_proto, areas), next_page_token=next_page_token
        )

    @query
    async def LookupPostalCode(
        self, request: pb.LookupPostalCodeRequest, call: Call
    ) -> pb.LookupPostalCodeResponse:
        villages = await store.list_by_postal_code(call.tx, request.postal_code)
        if not villages:
            raise domain.PostalCodeNotFound(
                "no village has this postal code", postal_code=request.postal_code
            )
        return pb.LookupPostalCodeResponse(villages=map(area_to_proto, villages))


class AddressInternalService(AddressInternalServiceServicer):
    def __init__(self, db: Database, clock: Clock) -> None:
        self.db = db
        self.clock = clock

    @query
    async def GetAddressSnapshot(
        self, request: pb.GetAddressSnapshotRequest, call: Call
    ) -> pb.AddressSnapshot:
        address = await store.get(call.tx, UUID(request.address_id), user_id=UUID(request.user_id))
        return snapshot_to_proto(address)
