"""How a developer writes the next migration of a service, on a throw-away PostgreSQL."""

import asyncio
from argparse import ArgumentParser, Namespace

from deploy.local.postgres import provision, running
from services.kit import migrate


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("service")
    parser.add_argument("message", help='what changes, such as "orders have notes"')


def run(arguments: Namespace) -> None:
    asyncio.run(_revise(arguments.service, arguments.message))


async def _revise(service: str, message: str) -> None:
    async with running(None, durable=False) as server:
        urls = await provision(server, [service])
        await migrate.revise(service, urls[service], message)
