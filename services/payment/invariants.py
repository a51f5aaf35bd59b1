"""What must be true of money in? Each query finds what contradicts it, by the payment or order."""

from services.kit import ledger

# What came in is what the ledger says of it, and what is in the ledger came in.
_POSTED = """
    SELECT coalesce(p.id::text, t.reference)
    FROM (SELECT * FROM payments WHERE captured_amount > 0) p
    FULL JOIN ledger_transactions t ON t.reference = 'capture:' || p.id
    LEFT JOIN ledger_entries e ON e.transaction_id = t.id AND e.account = 'asset:gateway:xendit'
    WHERE p.captured_amount IS DISTINCT FROM e.amount OR t.subject_id IS DISTINCT FROM p.id
"""

# Escrow and shipping of an order are those of the payment that captured it.
_ESCROW = """
    SELECT held.order_id
    FROM (
        SELECT split_part(name, ':', 4) AS order_id,
               sum(credit - debit) FILTER (WHERE name LIKE 'liab:escrow:%') AS goods,
               sum(credit - debit) FILTER (WHERE name LIKE 'liab:ship:%') AS shipping
        FROM ledger_accounts
        WHERE name LIKE 'liab:escrow:order:%' OR name LIKE 'liab:ship:leg2:%'
        GROUP BY 1
    ) held
    FULL JOIN (SELECT * FROM payments WHERE state = 'CAPTURED') p
        ON p.order_id::text = held.order_id
    WHERE (coalesce(held.goods, 0), coalesce(held.shipping, 0))
        IS DISTINCT FROM (p.goods_amount::numeric, p.shipping_amount::numeric)
"""

# An order is captured by the payment that says so, and by no other.
_CAPTURED = """
    SELECT coalesce(y.order_id, p.order_id)::text
    FROM (SELECT * FROM payables WHERE captured_payment_id IS NOT NULL) y
    FULL JOIN (SELECT * FROM payments WHERE state = 'CAPTURED') p
        ON p.id = y.captured_payment_id AND p.order_id = y.order_id
    WHERE y.order_id IS NULL OR p.id IS NULL
"""

# What is owed back or waits for an operator is set aside under the payment's own name.
_SET_ASIDE = """
    SELECT coalesce(p.id::text, a.name)
    FROM (
        SELECT id, captured_amount AS amount, CASE state
                   WHEN 'CAPTURED_LATE' THEN 'liab:refund_clearing:'
                   WHEN 'SUSPENSE' THEN 'liab:suspense:'
               END || id AS account
        FROM payments WHERE state IN ('CAPTURED_LATE', 'SUSPENSE')
    ) p
    FULL JOIN (
        SELECT * FROM ledger_accounts
        WHERE name LIKE 'liab:refund_clearing:%' OR name LIKE 'liab:suspense:%'
    ) a ON a.name = p.account
    WHERE p.amount IS DISTINCT FROM a.credit - a.debit
"""

# Nobody can be paying what is closed or paid.
_CLOSED = """
    SELECT p.id::text FROM payments p JOIN payables y USING (order_id)
    WHERE p.state IN ('CREATED', 'UNKNOWN', 'PENDING')
        AND (y.closed_time IS NOT NULL OR y.captured_payment_id IS NOT NULL)
"""

# Money on an invoice that bears a payment's name and is not the one we know.
_STRAY = """
    SELECT p.id::text FROM webhook_events w JOIN payments p ON p.id = w.payment_id
    WHERE w.status = 'PAID' AND w.invoice_id <> p.provider_invoice_id
"""

INVARIANTS = (
    *ledger.INVARIANTS,
    ("INV-17", _POSTED),
    ("INV-22", _CAPTURED),
    ("INV-22", _ESCROW),
    ("INV-22", _SET_ASIDE),
    ("INV-22", _CLOSED),
    ("INV-22", _STRAY),
)
