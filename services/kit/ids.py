"""How is an id made?"""

from uuid import UUID, uuid5

import uuid_utils.compat


def new_id() -> UUID:
    """A UUIDv7: ids sort by the time they were made, so lists need no other key."""
    return uuid_utils.compat.uuid7()


def derived_id(origin: str | UUID, role: str) -> UUID:
    """The id of what `origin` makes in that role: a retry makes the same one."""
    return uuid5(UUID(str(origin)), role)


def derived_in_time(origin: UUID, role: str) -> UUID:
    """As derived_id, for an origin that is a UUIDv7: the new id sorts where the origin does."""
    random_bits = (1 << 80) - 1
    derived = uuid5(origin, role).int & random_bits & ~(0xF << 76) | 0x7 << 76
    return UUID(int=origin.int & ~random_bits | derived)
