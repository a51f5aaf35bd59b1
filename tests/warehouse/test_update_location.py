import asyncio

from google.protobuf.field_mask_pb2 import FieldMask
from sqlalchemy import text

from gotong.warehouse.v1 import warehouse_pb2 as pb
from tests.support import an_id, eventually, invalid, reason_of, refused
from tests.warehouse.conftest import Warehouse


def update(
    location: pb.Location, *mask: str, etag: str = "", **changes: object
) -> pb.UpdateLocationRequest:
    return pb.UpdateLocationRequest(
        location=pb.Location(id=location.id, etag=etag, **changes),  # type: ignore[arg-type]
        update_mask=FieldMask(paths=mask),
        request_id=an_id(),
    )


async def test_without_a_mask_the_fields_that_are_set_change(
    warehouse: Warehouse, location: pb.Location
) -> None:
    changed = await warehouse.admin.UpdateLocation(update(location, name="Gudang Marunda"))

    assert (changed.name, changed.street, changed.active) == (
        "Gudang Marunda",
        location.street,
        True,
    )
    assert changed.etag != location.etag


async def test_a_location_is_closed_by_naming_it_in_the_mask(
    warehouse: Warehouse, location: pb.Location
) -> None:
    changed = await warehouse.admin.UpdateLocation(update(location, "active"))

    assert not changed.active
    assert changed == await warehouse.admin.GetLocation(
        pb.GetLocationRequest(location_id=location.id)
    )


async def test_the_code_never_changes(warehouse: Warehouse, location: pb.Location) -> None:
    with invalid("update_mask"):
        await warehouse.admin.UpdateLocation(update(location, "code", code="OTHER-1"))


async def test_what_results_must_be_valid(warehouse: Warehouse, location: pb.Location) -> None:
    with invalid("postal_code"):
        await warehouse.admin.UpdateLocation(update(location, postal_code="1"))


async def test_an_update_of_an_old_copy_is_refused(
    warehouse: Warehouse, location: pb.Location
) -> None:
    changed = await warehouse.admin.UpdateLocation(update(location, name="Gudang Marunda"))

    with refused("ETAG_MISMATCH", etag=changed.etag):
        await warehouse.admin.UpdateLocation(
            update(location, etag=location.etag, name="Gudang Priok")
        )


async def test_a_copy_that_grows_old_during_the_wait_is_refused(
    warehouse: Warehouse, location: pb.Location
) -> None:
    change = text("UPDATE locations SET version = version + 1 WHERE id = :location")

    async with warehouse.app.db.transaction() as tx:
        await tx.execute(change, {"location": location.id})
        waiting = asyncio.ensure_future(
            warehouse.admin.UpdateLocation(update(location, etag=location.etag, name="Gudang 2"))
        )
        await eventually(warehouse.somebody_waits)

    with refused("ETAG_MISMATCH"):
        await waiting


async def test_of_racing_updates_of_one_copy_one_wins(
    warehouse: Warehouse, location: pb.Location
) -> None:
    outcomes = await asyncio.gather(
        *(
            warehouse.admin.UpdateLocation(update(location, etag=location.etag, name=f"Nr {n}"))
            for n in range(8)
        ),
        return_exceptions=True,
    )

    refusals = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
    assert list(map(reason_of, refusals)) == ["ETAG_MISMATCH"] * 7


async def test_a_retry_returns_the_first_answer(
    warehouse: Warehouse, location: pb.Location
) -> None:
    request = update(location, etag=location.etag, name="Gudang Marunda")

    first, *retries = await asyncio.gather(
        *(warehouse.admin.UpdateLocation(request) for _ in range(8))
    )

    assert retries == [first] * 7


async def test_an_unknown_location_is_not_found(warehouse: Warehouse) -> None:
    with refused("LOCATION_NOT_FOUND"):
        await warehouse.admin.UpdateLocation(update(pb.Location(id=an_id()), name="Nowhere"))
