"""What may never be found in the warehouse: queries of its own schema that must return no rows."""

from collections.abc import Sequence

INVARIANTS: Sequence[tuple[str, str]] = (
    # Replaying the movements of a level gives the level.
    (
        "INV-13",
        """
        SELECT level.id::text FROM stock_levels level
        LEFT JOIN (
            SELECT stock_level_id, count(*) AS movements,
                sum(quantity_after - quantity_before) AS quantity,
                sum(reserved_after - reserved_before) AS reserved
            FROM stock_movements GROUP BY stock_level_id
        ) replayed ON replayed.stock_level_id = level.id
        WHERE (level.version, level.quantity, level.reserved) IS DISTINCT FROM (
            coalesce(movements, 0), coalesce(replayed.quantity, 0), coalesce(replayed.reserved, 0))
        """,
    ),
    # Each movement begins where the one before it ended, the first at nothing.
    (
        "INV-13",
        """
        SELECT id::text FROM (
            SELECT id, quantity_before, reserved_before,
                lag(quantity_after, 1, 0::bigint) OVER in_order AS quantity,
                lag(reserved_after, 1, 0::bigint) OVER in_order AS reserved
            FROM stock_movements
            WINDOW in_order AS (PARTITION BY stock_level_id ORDER BY level_version)
        ) movement
        WHERE (quantity_before, reserved_before) IS DISTINCT FROM (quantity, reserved)
        """,
    ),
    # What is set aside is what open reservations hold.
    (
        "INV-13",
        """
        SELECT coalesce(level.id, held.variant_id)::text FROM stock_levels level
        FULL JOIN (
            SELECT variant_id, location_id, sum(quantity) AS quantity
            FROM reservations JOIN reservation_items ON reservation_id = reservations.id
            WHERE state IN ('active', 'confirmed') GROUP BY variant_id, location_id
        ) held USING (variant_id, location_id)
        WHERE coalesce(level.reserved, 0) <> coalesce(held.quantity, 0)
        """,
    ),
    # What is held for a while is given back in time.
    (
        "INV-14",
        """
        SELECT id::text FROM reservations
        WHERE state = 'active' AND expire_time < CAST(:now AS timestamptz) - interval '5 minutes'
        """,
    ),
)
