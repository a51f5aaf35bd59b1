"""What must be true of orders: each statement names the rows where it is not."""

from collections.abc import Sequence

INVARIANTS: Sequence[tuple[str, str]] = (
    (
        "INV-17",
        """
        SELECT o.id::text FROM orders o LEFT JOIN order_lines l ON l.order_id = o.id
        GROUP BY o.id HAVING o.subtotal_amount <> coalesce(sum(l.amount), -1)
        """,
    ),
    (
        "FSM-3",
        """
        SELECT o.id::text FROM orders o
        LEFT JOIN LATERAL (
            SELECT to_state FROM order_events e WHERE e.order_id = o.id ORDER BY id DESC LIMIT 1
        ) last ON true
        WHERE last.to_state IS DISTINCT FROM o.state
        """,
    ),
    (
        "FSM-3",
        """
        SELECT order_id::text FROM (
            SELECT order_id, from_state,
                lag(to_state) OVER (PARTITION BY order_id ORDER BY id) AS state_before
            FROM order_events
        ) e WHERE from_state IS DISTINCT FROM state_before
        """,
    ),
)
