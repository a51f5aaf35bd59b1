"""Address <-> gotong.address.v1."""

from gotong.address.v1 import address_pb2 as pb
from services.address.domain import Address, Area, Coordinates, Details, Level, Village
from services.kit.mapping import time_to_proto

MUTABLE = frozenset(
    {
        "label",
        "recipient_name",
        "phone_number",
        "street",
        "notes",
        "village_code",
        "postal_code",
        "coordinates",
    }
)

_LEVEL = {
    Level.PROVINCE: pb.Area.LEVEL_PROVINCE,
    Level.REGENCY: pb.Area.LEVEL_REGENCY,
    Level.DISTRICT: pb.Area.LEVEL_DISTRICT,
    Level.VILLAGE: pb.Area.LEVEL_VILLAGE,
}


def details_from_proto(proto: pb.Address) -> Details:
    place = proto.coordinates
    return Details(
        label=proto.label,
        recipient_name=proto.recipient_name,
        phone_number=proto.phone_number,
        street=proto.street,
        notes=proto.notes,
        village_code=proto.village_code,
        postal_code=proto.postal_code,
        coordinates=(
            Coordinates(place.latitude, place.longitude) if proto.HasField("coordinates") else None
        ),
    )


def details_to_proto(details: Details, village: Village) -> pb.Address:
    return pb.Address(
        label=details.label,
        recipient_name=details.recipient_name,
        phone_number=details.phone_number,
        street=details.street,
        notes=details.notes,
        village_code=details.village_code,
        postal_code=details.postal_code,
        coordinates=_coordinates(details),
        area_name=village.area_name,
    )


def address_to_proto(address: Address) -> pb.Address:
    proto = details_to_proto(address.details, address.village)
    proto.MergeFrom(
        pb.Address(
            id=str(address.id),
            is_default=address.is_default,
            create_time=time_to_proto(address.create_time),
            update_time=time_to_proto(address.update_time),
        )
    )
    return proto


def snapshot_to_proto(address: Address) -> pb.AddressSnapshot:
    details, village = address.details, address.village
    return pb.AddressSnapshot(
        address_id=str(address.id),
        recipient_name=details.recipient_name,
        phone_number=details.phone_number,
        street=details.street,
        notes=details.notes,
        village_code=village.code,
        village_name=village.name,
        district_name=village.district,
        regency_name=village.regency,
        province_name=village.province,
        postal_code=details.postal_code,
        coordinates=_coordinates(details),
    )


def area_to_proto(area: Area) -> pb.Area:
    return pb.Area(
        code=area.code, name=area.name, level=_LEVEL[area.level], postal_code=area.postal_code or ""
    )


def _coordinates(details: Details) -> pb.Coordinates | None:
    place = details.coordinates
    return pb.Coordinates(latitude=place.latitude, longitude=place.longitude) if place else None
