"""Every service has a role and a schema of its own, and the others are closed to it."""

from pathlib import Path

import pytest
from sqlalchemy.exc import ProgrammingError

from deploy.local.postgres import Server, provision
from tests.local.sql import ask

SERVICES = ("order", "payment")


async def test_a_service_works_in_its_own_schema(server: Server) -> None:
    urls = await provision(server, SERVICES)

    await ask(urls["order"], "CREATE TABLE orders (id int)")

    where = "SELECT schemaname || '.' || tableowner FROM pg_tables WHERE tablename = 'orders'"
    assert await ask(urls["order"], where) == "order.order"


async def test_another_services_table_is_closed(server: Server) -> None:
    urls = await provision(server, SERVICES)
    await ask(urls["payment"], "CREATE TABLE ledger (amount int)")

    with pytest.raises(ProgrammingError, match="permission denied"):
        await ask(urls["order"], "SELECT * FROM payment.ledger")


@pytest.mark.parametrize("place", ["SCHEMA more", "TABLE public.t ()", "TABLE payment.t ()"])
async def test_a_service_makes_nothing_outside_its_schema(server: Server, place: str) -> None:
    urls = await provision(server, SERVICES)

    with pytest.raises(ProgrammingError, match="permission denied"):
        await ask(urls["order"], f"CREATE {place}")


async def test_a_second_time_changes_nothing(server: Server) -> None:
    urls = await provision(server, SERVICES, database="twice")
    await ask(urls["order"], "CREATE TABLE kept AS SELECT 'all here' AS what")

    assert await provision(server, SERVICES, database="twice") == urls
    assert await ask(urls["order"], "SELECT what FROM kept") == "all here"
    assert (server.directory / "passwords.json").stat().st_mode & 0o777 == 0o600


async def test_a_service_that_comes_later_finds_the_others_as_they_were(server: Server) -> None:
    before = await provision(server, SERVICES, database="later")

    after = await provision(server, (*SERVICES, "wallet"), database="later")

    assert before.items() <= after.items()
    assert await ask(after["wallet"], "SELECT current_schema()") == "wallet"


async def test_a_server_that_is_not_ours_is_known_by_its_url(
    server: Server, tmp_path: Path
) -> None:
    theirs = Server(f"{server.superuser_url}?sslmode=disable", tmp_path / "state")

    urls = await provision(theirs, ["address"], database="theirs")

    assert urls["address"].endswith(f"@127.0.0.1:{server.port}/theirs?ssl=disable")
    assert await ask(urls["address"], "SELECT current_user") == "address"
