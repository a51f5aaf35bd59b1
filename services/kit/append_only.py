"""How does a table keep what was written? By a trigger, and by taking the right from its owner."""

from collections.abc import Sequence

_EVERYTHING = "UPDATE, DELETE, TRUNCATE"


def append_only(table: str, *, revoked: str = _EVERYTHING) -> Sequence[str]:
    """Statements for a migration.

    A table that others refer to must leave its owner the right to UPDATE, without which PostgreSQL
    cannot lock the row that is referred to; the trigger forbids it all the same.
    """
    return (
        """
        CREATE OR REPLACE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION '% is append-only', TG_TABLE_NAME
                USING ERRCODE = 'insufficient_privilege';
        END $$
        """,
        f"""
        CREATE TRIGGER {table}_append_only BEFORE {_EVERYTHING.replace(",", " OR")} ON {table}
        FOR EACH STATEMENT EXECUTE FUNCTION append_only()
        """,
        f"REVOKE {revoked} ON {table} FROM CURRENT_USER",
    )
