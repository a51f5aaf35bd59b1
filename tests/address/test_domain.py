from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.address import domain
from services.address.domain import Area, Level, Village
from services.kit.ids import new_id

MELAWAI = Village(
    code="31.74.07.1001",
    name="Melawai",
    district="Kebayoran Baru",
    regency="Kota Administrasi Jakarta Selatan",
    province="DKI Jakarta",
    postal_code="12160",
    district_postal_codes=frozenset({"12160", "12120"}),
)


def details(**different: str) -> domain.Details:
    fields = {
        "label": "Rumah",
        "recipient_name": "Sari",
        "phone_number": "081234567890",
        "street": "Jalan Melawai 5",
        "notes": "",
        "village_code": "31.74.07.1001",
        "postal_code": "12160",
    }
    return domain.Details(**(fields | different), coordinates=None)


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("0812-3456-7890", "+6281234567890"),
        ("+62 812 3456 7890", "+6281234567890"),
        ("6281234567890", "+6281234567890"),
        ("81234567890", "+6281234567890"),
        ("+62 0812 3456 7890", "+6281234567890"),
        ("62081234567890", "+6281234567890"),
        ("006281234567890", "+6281234567890"),
        ("00 62 812.3456.7890", "+6281234567890"),
        ("(0812) 3456 7890", "+6281234567890"),
        (
            "\uff10\uff18\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18\uff19\uff10",
            "+6281234567890",
        ),
        ("0812\u00a03456\u00a07890", "+6281234567890"),
        ("0881234567890", "+62881234567890"),
        ("0859 1234 567", "+628591234567"),
    ],
)
def test_a_mobile_number_is_stored_as_e164(written: str, stored: str) -> None:
    assert domain.normalize_phone_number(written) == stored


@pytest.mark.parametrize(
    "written",
    [
        "08123",
        "021-5551234",
        "08001234567",
        "1500888",
        "0812345678901234",
        "+1 415 555 2671",
        "+44 7911 123456",
        "nobody",
        "",
        "+",
        "00",
    ],
)
def test_what_is_no_indonesian_mobile_number_is_refused(written: str) -> None:
    with pytest.raises(domain.InvalidPhoneNumber):
        domain.normalize_phone_number(written)


@given(st.text(max_size=32))
def test_any_text_is_a_number_in_e164_or_refused(written: str) -> None:
    try:
        number = domain.normalize_phone_number(written)
    except domain.InvalidPhoneNumber:
        return
    assert number.startswith("+628")
    assert domain.normalize_phone_number(number) == number


def test_an_area_name_goes_from_small_to_large() -> None:
    assert MELAWAI.area_name == (
        "Melawai, Kebayoran Baru, Kota Administrasi Jakarta Selatan, DKI Jakarta"
    )


@pytest.mark.parametrize("postal_code", ["12160", "12120"])
def test_any_postal_code_of_the_district_will_do(postal_code: str) -> None:
    stored, village = domain.checked(details(postal_code=postal_code), MELAWAI)

    assert (stored.postal_code, village) == (postal_code, MELAWAI)


def test_the_postal_code_of_the_village_is_suggested() -> None:
    with pytest.raises(domain.PostalCodeMismatch) as refusal:
        domain.checked(details(postal_code="66218"), MELAWAI)

    assert refusal.value.metadata == {"postal_code": "66218", "suggestion": "12160"}


def test_without_a_village_there_is_no_address() -> None:
    with pytest.raises(domain.UnknownArea):
        domain.checked(details(), None)


def test_checking_twice_changes_nothing_more() -> None:
    once, _ = domain.checked(details(), MELAWAI)

    assert domain.checked(once, MELAWAI) == (once, MELAWAI)


def test_there_is_room_for_fifty_addresses() -> None:
    domain.may_add(49)
    with pytest.raises(domain.AddressBookFull):
        domain.may_add(50)


def test_the_newest_address_inherits_the_default() -> None:
    ids = [new_id() for _ in range(100)]

    assert domain.next_default(ids[::-1]) == ids[-1]


def test_nobody_inherits_an_empty_book() -> None:
    nothing: list[UUID] = []

    assert domain.next_default(nothing) is None


@pytest.mark.parametrize(
    ("code", "level", "parent_code"),
    [
        ("31", Level.PROVINCE, None),
        ("31.74", Level.REGENCY, "31"),
        ("31.74.07", Level.DISTRICT, "31.74"),
        ("31.74.07.1001", Level.VILLAGE, "31.74.07"),
    ],
)
def test_a_code_says_how_large_an_area_is_and_where(
    code: str, level: Level, parent_code: str | None
) -> None:
    area = Area(code, "Somewhere", None)

    assert (area.level, area.parent_code) == (level, parent_code)


@pytest.mark.parametrize(
    ("area", "fault"),
    [
        (Area("31", "DKI Jakarta", None), ""),
        (Area("31.74.07.1001", "Melawai", "12160"), ""),
        (Area("3174", "Jakarta Selatan", None), "'3174' is no code of an area"),
        (Area("\u0663\u0661", "DKI Jakarta", None), "'\u0663\u0661' is no code of an area"),
        (Area("31", "", None), "31 has no name"),
        (Area("32.73", "Kota Bandung", None), "32.73 lies in 32, which is missing"),
        (Area("31", "DKI Jakarta", "12160"), "31 is no village and has a postal code"),
        (Area("31.74.07.1001", "Melawai", None), "31.74.07.1001 has no postal code of five digits"),
        (
            Area("31.74.07.1001", "Melawai", "1216"),
            "31.74.07.1001 has no postal code of five digits",
        ),
    ],
)
def test_an_area_of_a_list_has_code_name_parent_and_postal_code(area: Area, fault: str) -> None:
    assert domain.fault_of(area, {"31", "31.74", "31.74.07"}) == fault
