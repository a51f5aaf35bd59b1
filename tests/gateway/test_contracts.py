"""From contracts and environment to a configuration: what is forgotten is noticed."""

import asyncio
import os
import signal
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from google.protobuf.descriptor_pb2 import FileDescriptorSet

from gateway.contracts import AccessUndeclared, Contracts
from gateway.environment import PORTS, settings_from
from gateway.envoy import bootstrap
from gateway.generate import DESCRIPTORS, GEN, ROOT
from gateway.settings import RemoteKeys, Upstream
from tests.gateway.support import Neighbourhood

REQUIRED = {"TOKEN_ISSUER": "https://issuer", "TOKEN_KEYS": "/keys", "TLS_DIRECTORY": "/tls"}


@pytest.fixture
def contracts() -> Contracts:
    return Contracts(DESCRIPTORS.read_bytes())


def test_a_method_that_does_not_say_who_may_call_it_is_refused() -> None:
    set_ = FileDescriptorSet.FromString(DESCRIPTORS.read_bytes())
    (file,) = (file for file in set_.file if file.name.endswith("address.proto"))
    file.service[0].method[0].ClearField("options")

    with pytest.raises(AccessUndeclared, match=r"AddressService\.CreateAddress"):
        Contracts(set_.SerializeToString()).methods()


def test_reads_are_known_by_their_names(contracts: Contracts) -> None:
    reads = {method.name: method.reads for method in contracts.methods()}

    assert reads["GetAddress"]
    assert reads["ListAreas"]
    assert reads["BatchGetProducts"]
    assert reads["LookupPostalCode"]
    assert not reads["CreateAddress"]
    assert not reads["SyncPayment"]


def test_no_read_is_a_command(contracts: Contracts) -> None:
    """What may be tried again by the gateway must not change anything."""
    set_ = FileDescriptorSet.FromString(DESCRIPTORS.read_bytes())
    commands = {
        f".{file.package}.{message.name}"
        for file in set_.file
        for message in file.message_type
        if any(field.name == "request_id" for field in message.field)
    }
    inputs = {
        f"/{file.package}.{service.name}/{method.name}": method.input_type
        for file in set_.file
        for service in file.service
        for method in service.method
    }

    assert not [m.path for m in contracts.methods() if m.reads and inputs[m.path] in commands]


def test_a_service_without_a_contract_is_noticed(
    contracts: Contracts, services: Neighbourhood
) -> None:
    settings = replace(services.settings(), upstreams={"adress": Upstream("127.0.0.1", 1)})

    with pytest.raises(AssertionError, match="adress"):
        bootstrap(contracts, settings)


def test_what_is_missing_in_the_environment_is_named_at_once() -> None:
    with pytest.raises(SystemExit, match="set TOKEN_ISSUER, TOKEN_KEYS, TLS_DIRECTORY"):
        settings_from({}, ["order"])


def test_the_environment() -> None:
    settings = settings_from(
        REQUIRED
        | {
            "ORDER_ADDRESS": "[::1]:99",
            "TOKEN_KEYS": "https://issuer/keys",
            "TLS_DIRECTORY": "",
            "CORS_ORIGINS": "https://a.example https://b.example",
            "REQUESTS_PER_SECOND_PER_USER": "7",
        },
        ["order", "payment"],
    )

    assert settings.upstreams == {
        "order": Upstream("::1", 99),
        "payment": Upstream("payment", 3006),
    }
    assert settings.tokens.keys == RemoteKeys("https://issuer/keys")
    assert settings.identity is None
    assert settings.origins == ("https://a.example", "https://b.example")
    assert settings.limits.requests_per_second_per_user == 7


def test_the_gateway_of_compose_is_up_to_date(contracts: Contracts) -> None:
    config = yaml.safe_load((GEN / "envoy.yaml").read_text())
    clusters = [cluster["name"] for cluster in config["static_resources"]["clusters"]]

    assert clusters == contracts.owners()
    assert set(clusters) <= set(PORTS)


async def test_the_program_drains_when_it_is_told_to_stop(services: Neighbourhood) -> None:
    settings = services.settings()
    environment = REQUIRED | {
        "PATH": os.environ["PATH"],
        "TLS_DIRECTORY": str(services.directory),
        "TOKEN_KEYS": str(settings.tokens.keys),
        "LISTEN_ADDRESS": "127.0.0.1:0",
        "ADMIN_PORT": "0",
    }
    command = (sys.executable, "-m", "gateway")
    program = await asyncio.create_subprocess_exec(
        *command, cwd=ROOT, env=environment, stderr=asyncio.subprocess.PIPE
    )
    assert program.stderr is not None
    said = await program.stderr.readline()
    program.send_signal(signal.SIGTERM)

    assert await program.wait() == 0
    assert said.startswith(b"gateway on 127.0.0.1:")


async def test_what_is_generated_is_up_to_date_and_always_the_same(tmp_path: Path) -> None:
    render = (
        "from gateway.contracts import Contracts; from gateway import generate;"
        f"generate.GEN = generate.Path({str(tmp_path)!r});"
        "read = Contracts(generate.DESCRIPTORS.read_bytes());"
        "generate.envoy(read); generate.openapi(read)"
    )
    for seed in ("1", "2"):
        environment = {"PATH": os.environ["PATH"], "PYTHONHASHSEED": seed}
        program = await asyncio.create_subprocess_exec(
            sys.executable, "-c", render, cwd=ROOT, env=environment
        )
        assert await program.wait() == 0
        for name in ("envoy.yaml", "openapi.json"):
            assert (tmp_path / name).read_bytes() == (GEN / name).read_bytes()
