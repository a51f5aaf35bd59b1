"""What `gotong` can do on a laptop."""

import secrets
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from deploy.local import demo, revision, run
from deploy.local.certificates import certify
from deploy.local.services import service_names
from deploy.local.tokens import ROLES, mint


@dataclass(frozen=True)
class Command:
    name: str
    help: str
    add_arguments: Callable[[ArgumentParser], object]
    run: Callable[[Namespace], object]


def main(arguments: Sequence[str] | None = None) -> None:
    given = _parser().parse_args(arguments)
    given.command.run(given)


def _parser() -> ArgumentParser:
    parser = ArgumentParser(prog="gotong")
    subparsers = parser.add_subparsers(required=True)
    for command in COMMANDS:
        subparser = subparsers.add_parser(command.name, help=command.help)
        subparser.add_argument("--state", type=Path, default=Path(".gotong"), metavar="DIR")
        subparser.set_defaults(command=command)
        command.add_arguments(subparser)
    return parser


def _token_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--role", action="append", choices=ROLES, required=True)
    parser.add_argument("--sub", type=UUID, metavar="UUID", default=_random_id())
    parser.add_argument("--org", type=UUID, metavar="UUID")
    parser.add_argument("--hours", type=int, default=1)


def _token(given: Namespace) -> None:
    token = mint(
        given.state / "tokens",
        sub=str(given.sub),
        roles=given.role,
        org_id=str(given.org) if given.org else None,
        lifetime=timedelta(hours=given.hours),
        now=_now(),
    )
    print(f"sub {given.sub}", file=sys.stderr)
    print(token)


def _certificates(given: Namespace) -> None:
    directory = given.state / "certificates"
    certify(directory, service_names(), now=_now())
    print(directory)


def _no_arguments(_: ArgumentParser) -> None:
    pass


def _random_id() -> UUID:
    return UUID(bytes=secrets.token_bytes(16), version=4)


def _now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 (a command runs in real time)


COMMANDS = (
    Command("token", "print a token of a user", _token_arguments, _token),
    Command("run", "run the platform on this machine", run.add_arguments, run.run),
    Command("demo", "play a direct order against it", demo.add_arguments, demo.run),
    Command("revision", "write the next migration", revision.add_arguments, revision.run),
    Command("certificates", "make the services' certificates", _no_arguments, _certificates),
)

if __name__ == "__main__":
    main()
