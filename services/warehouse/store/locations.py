"""Rows of locations."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError

from services.kit.db import Row as Fetched
from services.kit.db import Tx
from services.kit.paging import Window
from services.warehouse.domain.locations import (
    Location,
    LocationCodeTaken,
    LocationInUse,
    LocationNotFound,
    Place,
)
from services.warehouse.tables import locations


async def get(tx: Tx, location_id: UUID, *, lock: bool = False) -> Location:
    statement = select(locations).where(locations.c.id == location_id)
    result = await tx.execute(statement.with_for_update() if lock else statement)
    row = result.one_or_none()
    if row is None:
        raise not_found(location_id)
    return location_from_row(row)


async def list_newest(tx: Tx, window: Window) -> list[Location]:
    result = await tx.execute(
        select(locations)
        .where(locations.c.id < window.before_id)
        .order_by(locations.c.id.desc())
        .limit(window.limit)
    )
    return [location_from_row(row) for row in result]


async def add(tx: Tx, location: Location) -> None:
    result = await tx.execute(
        insert(locations)
        .values(
            id=location.id,
            code=location.code,
            version=location.version,
            create_time=location.create_time,
            update_time=location.update_time,
            **_columns(location.place),
        )
        .on_conflict_do_nothing(index_elements=[locations.c.code])
        .returning(locations.c.id)
    )
    if result.one_or_none() is None:
        raise LocationCodeTaken("another location has this code", code=location.code)


async def set_place(tx: Tx, location: Location, place: Place, now: datetime) -> Location:
    result = await tx.execute(
        update(locations)
        .where(locations.c.id == location.id, locations.c.version == location.version)
        .values(version=location.version + 1, update_time=now, **_columns(place))
        .returning(locations)
    )
    return location_from_row(result.one())


async def remove(tx: Tx, location_id: UUID) -> None:
    """Stock that is there, or comes at the same moment, holds on to its location."""
    try:
        result = await tx.execute(
            delete(locations).where(locations.c.id == location_id).returning(locations.c.id)
        )
    except IntegrityError as error:
        raise LocationInUse("it holds stock or once did", location_id=str(location_id)) from error
    if result.one_or_none() is None:
        raise not_found(location_id)


def not_found(location_id: UUID) -> LocationNotFound:
    return LocationNotFound("no such location", location_id=str(location_id))


def location_from_row(row: Row[Any] | Fetched) -> Location:
    return Location(
        id=row.id,
        code=row.code,
        place=Place(
            name=row.name,
            street=row.street,
            postal_code=row.postal_code,
            phone_number=row.phone_number,
            active=row.active,
        ),
        version=row.version,
        create_time=row.create_time,
        update_time=row.update_time,
    )


def _columns(place: Place) -> dict[str, str | bool]:
    return {
        "name": place.name,
        "street": place.street,
        "postal_code": place.postal_code,
        "phone_number": place.phone_number,
        "active": place.active,
    }
