"""How is an id made?"""

from uuid import UUID, uuid5

import uuid_utils.compat


def new_id() -> UUID:
    """A UUIDv7: ids sort by the time they were made, so lists need no other key."""
    return uuid_utils.compat.uuid7()


def derived_id(origin: str | UUID, role: str) -> UUID:
    """The id of what `origin` makes in that role: a retry makes the same one."""
    return uuid5(UUID(str(origin)), role)
