"""Valid requests. A test names only what it is about."""

from google.protobuf.field_mask_pb2 import FieldMask

from gotong.address.v1 import address_pb2 as pb
from gotong.address.v1.address_pb2_grpc import AddressServiceStub
from tests.support import an_id


def an_address(**different: str) -> pb.Address:
    fields = {
        "label": "Rumah",
        "recipient_name": "Sari",
        "phone_number": "0812-3456-7890",
        "street": "Jalan Melawai 5",
        "village_code": "31.74.07.1001",
        "postal_code": "12160",
    }
    return pb.Address(**(fields | different))  # type: ignore[arg-type]


def create_address(*, request_id: str = "", **different: str) -> pb.CreateAddressRequest:
    return pb.CreateAddressRequest(
        address=an_address(**different), request_id=request_id or an_id()
    )


def get_address(address_id: str) -> pb.GetAddressRequest:
    return pb.GetAddressRequest(address_id=address_id)


def update_address(
    address_id: str, *paths: str, request_id: str = "", **different: str
) -> pb.UpdateAddressRequest:
    """Paths make the mask; without them there is none."""
    return pb.UpdateAddressRequest(
        address=pb.Address(id=address_id, **different),  # type: ignore[arg-type]
        update_mask=FieldMask(paths=paths) if paths else None,
        request_id=request_id or an_id(),
    )


def delete_address(address_id: str) -> pb.DeleteAddressRequest:
    return pb.DeleteAddressRequest(address_id=address_id, request_id=an_id())


def set_default_address(address_id: str) -> pb.SetDefaultAddressRequest:
    return pb.SetDefaultAddressRequest(address_id=address_id, request_id=an_id())


def validate_address(**different: str) -> pb.ValidateAddressRequest:
    return pb.ValidateAddressRequest(address=an_address(**different))


async def book_of(buyer: AddressServiceStub) -> list[pb.Address]:
    """All addresses of a buyer, newest first."""
    return list((await buyer.ListAddresses(pb.ListAddressesRequest(page_size=100))).addresses)
