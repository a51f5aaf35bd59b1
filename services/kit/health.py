"""What contradicts what? Invariants are SQL that must return no rows."""

from collections.abc import Sequence

from sqlalchemy import text

from services.kit.db import Database

_LIMIT = 100


async def violations(db: Database, invariants: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """The invariant and the row of each contradiction, at one moment, at most 100."""
    found: list[tuple[str, str]] = []
    async with db.snapshot() as tx:
        for name, statement in invariants:
            rows = await tx.execute(text(f"SELECT * FROM ({statement}) AS v LIMIT {_LIMIT}"))  # noqa: S608 - our own
            found += [(name, subject) for (subject,) in rows]
    return found[:_LIMIT]
