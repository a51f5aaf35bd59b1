"""Who is calling?"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class Role(StrEnum):
    """The parts a caller can play; the same names as gotong.options.v1.Role, in lower case."""

    BUYER = "buyer"
    SELLER = "seller"
    FACTORY = "factory"
    ADMIN = "admin"
    OPS = "ops"
    SERVICE = "service"


STAFF = frozenset({Role.ADMIN, Role.OPS})


@dataclass(frozen=True, slots=True)
class Actor:
    """A user by their token, a service by its certificate, or nobody in particular."""

    roles: frozenset[Role]
    name: str
    org_id: UUID | None = None

    def __str__(self) -> str:
        return f"{min(self.roles, default='anonymous')}:{self.name}"

    def plays(self, *roles: Role) -> bool:
        return not self.roles.isdisjoint(roles)

    @property
    def is_staff(self) -> bool:
        return not self.roles.isdisjoint(STAFF)

    @property
    def user_id(self) -> UUID:
        """Of users. Who may call is said in the contract, so a service asking this is a bug."""
        return UUID(self.name)


ANONYMOUS = Actor(frozenset(), "")


def service(name: str) -> Actor:
    return Actor(frozenset({Role.SERVICE}), name)


def job(kind: str) -> str:
    """How work that nobody asked for signs in histories."""
    return f"job:{kind}"


def roles_from(names: Collection[str]) -> frozenset[Role]:
    """The roles of a token; ROLE_SERVICE never comes from one."""
    known = set(Role) - {Role.SERVICE}
    return frozenset(role for role in known if role in names)
