import asyncio

import pytest

from gotong.warehouse.v1 import warehouse_pb2 as pb
from tests.support import an_id, invalid, refused
from tests.warehouse.conftest import Warehouse
from tests.warehouse.requests import create_location


async def test_a_location_is_stored_as_it_was_said(warehouse: Warehouse) -> None:
    request = create_location(name="Gudang Cakung")

    location = await warehouse.admin.CreateLocation(request)

    assert location.id
    assert location.etag
    assert (location.code, location.name) == (request.location.code, "Gudang Cakung")
    assert location.active
    assert location.create_time == location.update_time


async def test_a_code_is_taken_once(warehouse: Warehouse) -> None:
    location = await warehouse.location()

    with refused("LOCATION_CODE_TAKEN", code=location.code):
        await warehouse.location(code=location.code)


async def test_a_malformed_location_is_refused_by_field(warehouse: Warehouse) -> None:
    with invalid("location.code", "location.postal_code", "location.phone_number"):
        await warehouse.location(code="jkt 1", postal_code="01234", phone_number="0812")


async def test_a_retry_returns_the_first_location(warehouse: Warehouse) -> None:
    request = create_location()

    first, *retries = await asyncio.gather(
        *(warehouse.admin.CreateLocation(request) for _ in range(8))
    )

    assert retries == [first] * 7


async def test_of_rivals_for_a_code_one_gets_it(warehouse: Warehouse) -> None:
    code = an_id()[:8].upper()

    outcomes = await asyncio.gather(
        *(warehouse.location(code=code) for _ in range(8)), return_exceptions=True
    )

    assert sum(isinstance(outcome, pb.Location) for outcome in outcomes) == 1


@pytest.mark.parametrize("role", ["buyer", "seller", "factory", "ops"])
async def test_only_admins_add_locations(warehouse: Warehouse, role: str) -> None:
    user = await warehouse.user(role)

    with refused("ROLE_REQUIRED"):
        await user.CreateLocation(create_location())
