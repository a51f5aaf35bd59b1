"""The service as a program with a synchronous stub sees it."""

import asyncio
from collections.abc import Callable
from typing import Any

import grpc
import pytest

from gotong.address.v1 import address_pb2 as pb
from gotong.address.v1.address_pb2_grpc import AddressServiceStub
from tests.address.conftest import Addresses
from tests.address.requests import create_address
from tests.support import an_id, refused


@pytest.fixture(scope="module")
def grpc_addr(addresses: Addresses) -> str:
    return f"127.0.0.1:{addresses.port}"


@pytest.fixture(scope="module")
def grpc_server(addresses: Addresses) -> Addresses:
    """The real service in place of the plugin's own server, which is synchronous."""
    return addresses


@pytest.fixture(scope="module")
def grpc_stub_cls() -> type[AddressServiceStub]:
    return AddressServiceStub


@pytest.fixture(scope="module")
def grpc_channel(
    addresses: Addresses, grpc_create_channel: Callable[..., grpc.Channel]
) -> grpc.Channel:
    """Of one buyer. The certificates are for the service's name, the port is on this machine."""
    credentials = addresses.realm.credentials(token=addresses.realm.token("buyer", sub=an_id()))
    name = ("grpc.ssl_target_name_override", "address.gotong.internal")
    return grpc_create_channel(credentials, [name])


async def test_a_blocking_call_gets_its_answer(grpc_stub: Any) -> None:  # noqa: ANN401 - has no types
    created = await asyncio.to_thread(grpc_stub.CreateAddress, create_address())

    listed = await asyncio.to_thread(grpc_stub.ListAddresses, pb.ListAddressesRequest())

    assert created in listed.addresses


async def test_a_blocking_call_is_refused_for_the_same_reason(
    grpc_stub: Any,  # noqa: ANN401 - has no types
) -> None:
    with refused("UNKNOWN_AREA"):
        await asyncio.to_thread(
            grpc_stub.CreateAddress, create_address(village_code="31.74.07.9999")
        )
