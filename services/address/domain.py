"""The rules of addresses. Pure: no clock, no database, no network."""

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

import phonenumbers

from services.kit.errors import FailedPrecondition, InvalidArgument, NotFound

BOOK_SIZE = 50
_COUNTRY = "ID"
_COUNTRY_CODE = 62
_AREA_CODE = re.compile(r"[0-9]{2}(\.[0-9]{2}(\.[0-9]{2}(\.[0-9]{4})?)?)?")
_POSTAL_CODE = re.compile(r"[1-9][0-9]{4}")
_REACHABLE = frozenset(
    {
        phonenumbers.PhoneNumberType.MOBILE,
        phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE,
    }
)


class AddressNotFound(NotFound):
    """No such address in the caller's book."""


class PostalCodeNotFound(NotFound):
    """No village has this postal code."""


class InvalidPhoneNumber(InvalidArgument):
    """Not a mobile number that can be called."""


class UnknownArea(InvalidArgument):
    """No village has this code."""


class PostalCodeMismatch(InvalidArgument):
    """A postal code of somewhere else."""


class AddressBookFull(FailedPrecondition):
    """No room for another address."""


class Level(StrEnum):
    PROVINCE = "province"
    REGENCY = "regency"
    DISTRICT = "district"
    VILLAGE = "village"


@dataclass(frozen=True, slots=True)
class Area:
    code: str
    name: str
    postal_code: str | None

    @property
    def level(self) -> Level:
        return list(Level)[self.code.count(".")]

    @property
    def parent_code(self) -> str | None:
        return self.code.rpartition(".")[0] or None


@dataclass(frozen=True, slots=True)
class Village:
    """A village with the areas around it, and the postal codes of its district."""

    code: str
    name: str
    district: str
    regency: str
    province: str
    postal_code: str
    district_postal_codes: frozenset[str]

    @property
    def area_name(self) -> str:
        return f"{self.name}, {self.district}, {self.regency}, {self.province}"


@dataclass(frozen=True, slots=True)
class Coordinates:
    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class Details:
    """What a user says about a place."""

    label: str
    recipient_name: str
    phone_number: str
    street: str
    notes: str
    village_code: str
    postal_code: str
    coordinates: Coordinates | None


@dataclass(frozen=True, slots=True)
class Address:
    id: UUID
    user_id: UUID
    details: Details
    village: Village
    is_default: bool
    create_time: datetime
    update_time: datetime


def checked(details: Details, village: Village | None) -> tuple[Details, Village]:
    """What is stored: the number in E.164, the postal code one of the village's district."""
    if village is None:
        raise UnknownArea("no village has this code", village_code=details.village_code)
    if details.postal_code not in village.district_postal_codes:
        raise PostalCodeMismatch(
            f"{details.postal_code} is not in {village.district}",
            postal_code=details.postal_code,
            suggestion=village.postal_code,
        )
    return (
        Details(
            label=details.label,
            recipient_name=details.recipient_name,
            phone_number=normalize_phone_number(details.phone_number),
            street=details.street,
            notes=details.notes,
            village_code=details.village_code,
            postal_code=details.postal_code,
            coordinates=details.coordinates,
        ),
        village,
    )


def normalize_phone_number(written: str) -> str:
    """E.164 of an Indonesian mobile number as people write it."""
    bare = re.sub(r"[\s.()\-]", "", unicodedata.normalize("NFKC", written))
    try:
        number = phonenumbers.parse(re.sub("^00", "+", bare), _COUNTRY)
    except phonenumbers.NumberParseException:
        raise InvalidPhoneNumber(f"{written} is no phone number") from None
    is_ours = number.country_code == _COUNTRY_CODE and phonenumbers.is_valid_number(number)
    if not is_ours or phonenumbers.number_type(number) not in _REACHABLE:
        raise InvalidPhoneNumber(f"{written} is no Indonesian mobile number")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def may_add(existing: int) -> None:
    if existing >= BOOK_SIZE:
        raise AddressBookFull(f"there is room for {BOOK_SIZE} addresses", limit=str(BOOK_SIZE))


def next_default(remaining: Collection[UUID]) -> UUID | None:
    """Which address becomes the default when the one that was it goes: the newest."""
    return max(remaining, default=None)


def fault_of(area: Area, codes: Collection[str]) -> str:
    """What is wrong with an area of a list that has these codes, or nothing."""
    if not _AREA_CODE.fullmatch(area.code):
        return f"{area.code!r} is no code of an area"
    if not area.name:
        return f"{area.code} has no name"
    if area.parent_code and area.parent_code not in codes:
        return f"{area.code} lies in {area.parent_code}, which is missing"
    if area.level is not Level.VILLAGE:
        return f"{area.code} is no village and has a postal code" if area.postal_code else ""
    if not _POSTAL_CODE.fullmatch(area.postal_code or ""):
        return f"{area.code} has no postal code of five digits"
    return ""
