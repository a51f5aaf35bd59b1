import protovalidate
import pytest
from google.protobuf.field_mask_pb2 import FieldMask
from hypothesis import given
from hypothesis import strategies as st

from gotong.address.v1.address_pb2 import Address, Coordinates
from gotong.warehouse.v1.warehouse_pb2 import Location
from services.kit.errors import InvalidField
from services.kit.fieldmask import EtagMismatch, check_etag, merge, resource_id

MUTABLE = frozenset({"label", "notes", "street", "coordinates"})
TEXTS = st.text(st.characters(codec="ascii", exclude_characters="\0"), min_size=3, max_size=9)
CHANGES = st.dictionaries(st.sampled_from(["label", "notes", "street"]), TEXTS)


def an_address(**different: object) -> Address:
    fields = {
        "label": "Rumah",
        "recipient_name": "Sari",
        "phone_number": "+6281234567890",
        "street": "Jalan Melawai 5",
        "village_code": "31.74.07.1001",
        "postal_code": "12160",
    }
    return Address(**(fields | different))  # type: ignore[arg-type]


@given(CHANGES)
def test_without_a_mask_what_is_set_changes_and_nothing_else(changes: dict[str, str]) -> None:
    patch = Address(**changes)  # type: ignore[arg-type]

    merged = merge(an_address(), patch, FieldMask(), mutable=MUTABLE)

    assert merged == an_address(**changes)


@given(CHANGES, st.sets(st.sampled_from(["label", "notes"])))
def test_with_a_mask_exactly_its_fields_change(changes: dict[str, str], mask: set[str]) -> None:
    patch = Address(**changes)  # type: ignore[arg-type]
    wanted = {path: changes.get(path, "") for path in mask or changes}

    merged = merge(an_address(), patch, FieldMask(paths=sorted(mask)), mutable=MUTABLE)

    assert merged == an_address(**wanted)


def test_a_message_in_a_message_is_replaced_as_a_whole() -> None:
    current = an_address(coordinates=Coordinates(latitude=1, longitude=100))
    patch = Address(coordinates=Coordinates(longitude=101))

    merged = merge(current, patch, FieldMask(paths=["coordinates"]), mutable=MUTABLE)

    assert merged.coordinates == Coordinates(longitude=101)


def test_a_list_is_replaced_as_a_whole() -> None:
    current, patch = FieldMask(paths=["old"]), FieldMask(paths=["new"])

    assert merge(current, patch, FieldMask(paths=["paths"]), mutable={"paths"}) == patch


def test_the_current_one_stays_as_it_is() -> None:
    current = an_address()

    merge(current, Address(label="Kantor"), FieldMask(), mutable=MUTABLE)

    assert current == an_address()


def test_merging_twice_changes_nothing_more() -> None:
    patch, mask = Address(label="Kantor"), FieldMask(paths=["label", "label", "notes"])
    once = merge(an_address(notes="Pagar"), patch, mask, mutable=MUTABLE)

    assert merge(once, patch, mask, mutable=MUTABLE) == once


@pytest.mark.parametrize("path", ["id", "is_default", "none", "", "*", "coordinates.latitude"])
def test_a_path_that_cannot_be_changed_is_refused(path: str) -> None:
    with pytest.raises(InvalidField) as refusal:
        merge(an_address(), Address(), FieldMask(paths=["label", path]), mutable=MUTABLE)

    assert refusal.value.field == "update_mask"


def test_without_a_mask_a_field_that_cannot_be_changed_is_passed_over() -> None:
    assert merge(an_address(), Address(id="7"), FieldMask(), mutable=MUTABLE) == an_address()


def test_the_result_must_keep_the_contract() -> None:
    with pytest.raises(protovalidate.ValidationError):
        merge(an_address(), Address(), FieldMask(paths=["street"]), mutable=MUTABLE)


@given(st.uuids())
def test_an_id_is_read(id: object) -> None:
    assert str(resource_id(str(id), "address.id")) == str(id)


@pytest.mark.parametrize("id", ["", "7", "address"])
def test_an_id_that_is_none_is_refused_by_field(id: str) -> None:
    with pytest.raises(InvalidField, match=r"^address\.id: "):
        resource_id(id, "address.id")


@pytest.mark.parametrize("sent", ["", "2"])
def test_an_update_of_the_newest_copy_or_of_any_is_let_through(sent: str) -> None:
    check_etag(Location(etag=sent), Location(etag="2"))


def test_an_update_of_an_old_copy_is_refused() -> None:
    with pytest.raises(EtagMismatch) as refusal:
        check_etag(Location(etag="1"), Location(etag="2"))

    assert refusal.value.metadata == {"etag": "2"}
