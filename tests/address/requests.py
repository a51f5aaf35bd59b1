"""Valid requests. A test names only what it is about."""

from gotong.address.v1 import address_pb2 as pb
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
