"""What an operator does with buf curl and the development certificates."""

import asyncio
import sys
from pathlib import Path

import pytest

from deploy.local.platform import Platform
from tests.support import an_id

BUF = Path(sys.executable).parent / "buf"
SERVICES = {
    "address": "gotong.address.v1.AddressService",
    "logistics": "gotong.logistics.v1.LogisticsService",
    "order": "gotong.order.v1.OrderService",
    "payment": "gotong.payment.v1.PaymentService",
    "product": "gotong.product.v1.ProductService",
    "warehouse": "gotong.warehouse.v1.WarehouseService",
}


async def _buf_curl(running: Platform, service: str, *arguments: str) -> tuple[int, str]:
    folder = running.certificates
    process = await asyncio.create_subprocess_exec(
        str(BUF),
        "curl",
        "--protocol",
        "grpc",
        "--cacert",
        str(folder / "ca.crt"),
        "--cert",
        str(folder / "operator.crt"),
        "--key",
        str(folder / "operator.key"),
        "--servername",
        f"{service}.gotong.internal",
        *arguments,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    return process.returncode or 0, output.decode()


@pytest.mark.parametrize(("service", "contract"), SERVICES.items())
async def test_a_service_tells_its_methods_on_its_own_port(
    running: Platform, service: str, contract: str
) -> None:
    url = f"https://127.0.0.1:{running.ports[service]}"

    status, output = await _buf_curl(running, service, "--list-methods", url)

    assert status == 0, output
    assert f"{contract}/" in output


async def test_a_service_is_called_by_what_it_tells(running: Platform) -> None:
    url = f"https://127.0.0.1:{running.ports['order']}/gotong.order.v1.OrderService/ListOrders"
    token = running.token("ops", sub=an_id())

    status, output = await _buf_curl(
        running, "order", "-H", f"authorization: Bearer {token}", "-d", '{"pageSize": 1}', url
    )

    assert status == 0, output


async def test_the_gateway_tells_nothing(running: Platform) -> None:
    process = await asyncio.create_subprocess_exec(
        str(BUF),
        "curl",
        "--protocol",
        "grpc",
        "--http2-prior-knowledge",
        "--list-methods",
        running.gateway_url,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()

    assert process.returncode != 0
    assert "gotong" not in output.decode()
