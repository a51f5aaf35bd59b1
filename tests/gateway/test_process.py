"""Envoy as a child: it starts, refuses, and leaves nothing behind."""

from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from gateway.contracts import Contracts
from gateway.envoy import bootstrap
from gateway.generate import DESCRIPTORS
from gateway.process import GatewayFailed, running
from tests.gateway.support import Neighbourhood, gateway_with


async def test_a_configuration_that_envoy_refuses(tmp_path: Path) -> None:
    with pytest.raises(GatewayFailed, match=r"envoy\.log says why") as refused:
        async with running({"no_such_field": 1}, tmp_path):
            pass

    assert "\n" not in str(refused.value)
    assert "no_such_field" in (tmp_path / "envoy.log").read_text()


async def test_a_port_that_is_taken(services: Neighbourhood, tmp_path: Path) -> None:
    contracts = Contracts(DESCRIPTORS.read_bytes())
    taken = replace(services.settings(), port=services.address.port)
    before = _children()

    with pytest.raises(GatewayFailed, match="did not start"):
        async with running(bootstrap(contracts, taken), tmp_path):
            pass

    assert _children() == before


async def test_an_error_in_the_caller_stops_it_too(services: Neighbourhood, tmp_path: Path) -> None:
    before = _children()

    async def fail() -> None:
        async with gateway_with(services.settings(), tmp_path):
            assert _children() > before
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()

    assert _children() == before


async def test_the_log_tells_who_asked_what_but_no_secret(
    services: Neighbourhood, tmp_path: Path
) -> None:
    token = services.token(sub="0190f0c0-0000-7000-8000-00000000000a")
    async with gateway_with(services.settings(), tmp_path) as client:
        assert (await client.get("/v1/areas?parentCode=31", token)).is_success
        await client.post("/v1/addresses?requestId=1", token, content=b"x" * 2**21)

    log = (tmp_path / "envoy.log").read_text()
    assert '"user":"0190f0c0-0000-7000-8000-00000000000a"' in log
    assert '"rpc":"/gotong.address.v1.AddressService/ListAreas"' in log
    assert token not in log
    assert "parentCode" not in log
    assert "requestId" not in log


def _children() -> set[int]:
    return {child.pid for child in psutil.Process().children() if child.name() == "envoy"}
