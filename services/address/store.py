"""All SQL of the address service."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, Row, Select, bindparam, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from services.address.domain import Address, AddressNotFound, Area, Coordinates, Details, Village
from services.address.tables import addresses, areas, books
from services.kit.db import Row as Fetched
from services.kit.db import Tx, prepared
from services.kit.paging import Window

_district = areas.alias("district")
_regency = areas.alias("regency")
_province = areas.alias("province")
_neighbours = areas.alias("neighbours")
_postal_codes = (
    select(func.array_agg(_neighbours.c.postal_code))
    .where(_neighbours.c.parent_code == areas.c.parent_code)
    .correlate(areas)
    .scalar_subquery()
)
_around = (
    areas.join(_district, _district.c.code == areas.c.parent_code)
    .join(_regency, _regency.c.code == _district.c.parent_code)
    .join(_province, _province.c.code == _regency.c.parent_code)
)
_village_columns = (
    areas.c.code,
    areas.c.name.label("village"),
    areas.c.postal_code.label("village_postal_code"),
    _district.c.name.label("district"),
    _regency.c.name.label("regency"),
    _province.c.name.label("province"),
    _postal_codes.label("district_postal_codes"),
)
_ADDRESSES: Select[Any] = select(addresses, *_village_columns).select_from(
    addresses.join(_around, areas.c.code == addresses.c.village_code)
)
_GET = prepared(
    _ADDRESSES.where(
        addresses.c.id == bindparam("address_id"),
        or_(bindparam("everybody", type_=Boolean), addresses.c.user_id == bindparam("user_id")),
    )
)
_FIND_VILLAGE = prepared(
    select(*_village_columns).select_from(_around).where(areas.c.code == bindparam("code"))
)


async def find_village(tx: Tx, code: str) -> Village | None:
    rows = await tx.fetch(_FIND_VILLAGE, {"code": code})
    return _village(rows[0]) if rows else None


async def list_areas(tx: Tx, parent_code: str, window: Window) -> list[Area]:
    parent = areas.c.parent_code
    result = await tx.execute(
        select(areas)
        .where(parent == parent_code if parent_code else parent.is_(None))
        .where(areas.c.code > window.after)
        .order_by(areas.c.code)
        .limit(window.limit)
    )
    return [_area(row) for row in result]


async def list_by_postal_code(tx: Tx, postal_code: str) -> list[Area]:
    result = await tx.execute(
        select(areas).where(areas.c.postal_code == postal_code).order_by(areas.c.code).limit(200)
    )
    return [_area(row) for row in result]


async def put_areas(tx: Tx, some: Sequence[Area]) -> None:
    """Add areas or bring them up to date; parents come before their children."""
    rows = [
        {
            "code": area.code,
            "parent_code": area.parent_code,
            "name": area.name,
            "postal_code": area.postal_code,
        }
        for area in some
    ]
    statement = insert(areas)
    await tx.execute(
        statement.on_conflict_do_update(
            index_elements=[areas.c.code],
            set_={
                "name": statement.excluded.name,
                "postal_code": statement.excluded.postal_code,
            },
        ),
        rows,
    )


async def lock_book(tx: Tx, user_id: UUID) -> list[UUID]:
    """Keep others from changing this user's addresses; answers with their ids."""
    await tx.execute(insert(books).values(user_id=user_id).on_conflict_do_nothing())
    await tx.execute(select(books).where(books.c.user_id == user_id).with_for_update())
    result = await tx.execute(select(addresses.c.id).where(addresses.c.user_id == user_id))
    return list(result.scalars())


async def get(tx: Tx, address_id: UUID, *, user_id: UUID | None = None) -> Address:
    """Of that user, or without one of anybody."""
    rows = await tx.fetch(
        _GET, {"address_id": address_id, "user_id": user_id, "everybody": user_id is None}
    )
    if not rows:
        raise AddressNotFound("no such address", address_id=str(address_id))
    return _address(rows[0])


async def list_by_user(tx: Tx, user_id: UUID, window: Window) -> list[Address]:
    result = await tx.execute(
        _ADDRESSES.where(addresses.c.user_id == user_id, addresses.c.id < window.before_id)
        .order_by(addresses.c.id.desc())
        .limit(window.limit)
    )
    return [_address(row) for row in result]


async def add(tx: Tx, address: Address) -> None:
    await tx.execute(
        insert(addresses).values(
            id=address.id,
            user_id=address.user_id,
            is_default=address.is_default,
            create_time=address.create_time,
            update_time=address.update_time,
            **_columns(address.details),
        )
    )


async def set_details(tx: Tx, address_id: UUID, details: Details, now: datetime) -> None:
    await tx.execute(
        update(addresses)
        .where(addresses.c.id == address_id)
        .values(update_time=now, **_columns(details))
    )


async def set_default(tx: Tx, user_id: UUID, address_id: UUID, now: datetime) -> None:
    """The old one first: there is never more than one."""
    await tx.execute(
        update(addresses)
        .where(addresses.c.user_id == user_id, addresses.c.is_default)
        .values(is_default=False, update_time=now)
    )
    await tx.execute(
        update(addresses)
        .where(addresses.c.id == address_id)
        .values(is_default=True, update_time=now)
    )


async def remove(tx: Tx, address_id: UUID) -> None:
    await tx.execute(delete(addresses).where(addresses.c.id == address_id))


def _columns(details: Details) -> dict[str, str | float | None]:
    place = details.coordinates
    return {
        "label": details.label,
        "recipient_name": details.recipient_name,
        "phone_number": details.phone_number,
        "street": details.street,
        "notes": details.notes,
        "village_code": details.village_code,
        "postal_code": details.postal_code,
        "latitude": place.latitude if place else None,
        "longitude": place.longitude if place else None,
    }


def _address(row: Row[Any] | Fetched) -> Address:
    place = None if row.latitude is None else Coordinates(row.latitude, row.longitude)
    return Address(
        id=row.id,
        user_id=row.user_id,
        details=Details(
            label=row.label,
            recipient_name=row.recipient_name,
            phone_number=row.phone_number,
            street=row.street,
            notes=row.notes,
            village_code=row.village_code,
            postal_code=row.postal_code,
            coordinates=place,
        ),
        village=_village(row),
        is_default=row.is_default,
        create_time=row.create_time,
        update_time=row.update_time,
    )


def _village(row: Row[Any] | Fetched) -> Village:
    return Village(
        code=row.code,
        name=row.village,
        district=row.district,
        regency=row.regency,
        province=row.province,
        postal_code=row.village_postal_code,
        district_postal_codes=frozenset(row.district_postal_codes),
    )


def _area(row: Row[Any]) -> Area:
    return Area(row.code, row.name, row.postal_code)
