"""Who shows a certificate of our authority is let in, and nobody else."""

import ssl
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import grpc
import pytest

from deploy.local.certificates import certify

NOW = datetime.now(UTC)
SERVICES = ("order", "payment")


@pytest.fixture
def certificates(tmp_path: Path) -> Path:
    certify(tmp_path, SERVICES, now=NOW)
    return tmp_path


@pytest.fixture
async def order_address(certificates: Path) -> AsyncIterator[str]:
    server = grpc.aio.server()
    echo: grpc.RpcMethodHandler[bytes, bytes] = grpc.unary_unary_rpc_method_handler(say_back)
    server.add_generic_rpc_handlers(
        [grpc.method_handlers_generic_handler("test.Echo", {"Say": echo})]
    )
    credentials = grpc.ssl_server_credentials(
        [(contents(certificates, "order.key"), contents(certificates, "order.crt"))],
        root_certificates=contents(certificates, "ca.crt"),
        require_client_auth=True,
    )
    port = server.add_secure_port("127.0.0.1:0", credentials)
    await server.start()
    yield f"127.0.0.1:{port}"
    await server.stop(None)


async def say_back(said: bytes, _: grpc.aio.ServicerContext[bytes, bytes]) -> bytes:
    return said


def contents(directory: Path, name: str) -> bytes:
    return (directory / name).read_bytes()


def of(directory: Path, name: str) -> grpc.ChannelCredentials:
    return grpc.ssl_channel_credentials(
        contents(directory, "ca.crt"),
        contents(directory, f"{name}.key"),
        contents(directory, f"{name}.crt"),
    )


async def asked(
    address: str, credentials: grpc.ChannelCredentials, name: str = "order.gotong.internal"
) -> bytes:
    options = [("grpc.ssl_target_name_override", name)]
    async with grpc.aio.secure_channel(address, credentials, options) as channel:
        say: grpc.aio.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary("/test.Echo/Say")
        return await say(b"halo", timeout=10)


@pytest.mark.parametrize("caller", ["payment", "gateway", "operator"])
async def test_those_we_certified_talk(certificates: Path, order_address: str, caller: str) -> None:
    assert await asked(order_address, of(certificates, caller)) == b"halo"


async def test_a_caller_without_a_certificate_is_refused(
    certificates: Path, order_address: str
) -> None:
    anonymous = grpc.ssl_channel_credentials(contents(certificates, "ca.crt"))

    with pytest.raises(grpc.aio.AioRpcError, match="UNAVAILABLE"):
        await asked(order_address, anonymous)


async def test_a_caller_of_a_foreign_authority_is_refused(
    certificates: Path, order_address: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    foreign = tmp_path_factory.mktemp("foreign")
    certify(foreign, SERVICES, now=NOW)
    mixed = grpc.ssl_channel_credentials(
        contents(certificates, "ca.crt"),
        contents(foreign, "payment.key"),
        contents(foreign, "payment.crt"),
    )

    with pytest.raises(grpc.aio.AioRpcError, match="UNAVAILABLE"):
        await asked(order_address, mixed)


async def test_a_server_of_another_name_is_refused(certificates: Path, order_address: str) -> None:
    with pytest.raises(grpc.aio.AioRpcError, match="UNAVAILABLE"):
        await asked(order_address, of(certificates, "gateway"), "payment.gotong.internal")


def test_python_accepts_the_chain_by_the_strictest_rules(certificates: Path) -> None:
    server_side = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server_side.load_cert_chain(certificates / "gateway.crt", certificates / "gateway.key")
    client_side = ssl.create_default_context(cafile=certificates / "ca.crt")
    client_side.verify_flags |= ssl.VerifyFlags.VERIFY_X509_STRICT
    to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
    server = server_side.wrap_bio(to_server, to_client, server_side=True)
    client = client_side.wrap_bio(to_client, to_server, server_hostname="localhost")

    for side in (client, server, client):
        shake_hands(side)

    shown = client.getpeercert()
    assert shown is not None
    assert ("URI", "spiffe://gotong/gateway") in shown["subjectAltName"]


def shake_hands(side: ssl.SSLObject) -> None:
    with suppress(ssl.SSLWantReadError):  # the other side's turn
        side.do_handshake()


def test_what_is_good_is_kept(certificates: Path) -> None:
    before = everything(certificates)

    certify(certificates, SERVICES, now=NOW + timedelta(days=300))

    assert everything(certificates) == before


def test_a_new_service_joins_and_the_others_stay(certificates: Path) -> None:
    before = everything(certificates)

    certify(certificates, (*SERVICES, "wallet"), now=NOW)

    after = everything(certificates)
    assert before.items() <= after.items()
    assert after.keys() - before.keys() == {"wallet.crt", "wallet.key"}


def test_what_expires_within_a_week_is_made_again(certificates: Path) -> None:
    before = everything(certificates)

    certify(certificates, SERVICES, now=NOW + timedelta(days=359))

    after = everything(certificates)
    assert all(before[name] != after[name] for name in after)


def test_a_key_of_another_certificate_is_made_again(certificates: Path) -> None:
    (certificates / "order.key").write_bytes(contents(certificates, "payment.key"))

    certify(certificates, SERVICES, now=NOW)

    ssl.create_default_context().load_cert_chain(
        certificates / "order.crt", certificates / "order.key"
    )


def test_keys_are_for_their_owner_alone(certificates: Path) -> None:
    assert {key.stat().st_mode & 0o777 for key in certificates.glob("*.key")} == {0o600}


def everything(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in directory.iterdir()}
