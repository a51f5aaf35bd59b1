-- A complete direct order as plain SQL: quote, order with stock set aside, payment, capture with
-- its ledger, paid, stock confirmed. The same facts in the same number of transactions.
\set variant random(1, 7)
\set buyer random(1, 1000000)
INSERT INTO quotes (buyer, items, options, expire_time)
    VALUES (:buyer, '[{"v": 1, "q": 2}]', '[{"id": "jne:reg", "p": 22000}]', now() + interval '15 min')
    RETURNING id AS quote \gset
BEGIN;
UPDATE stock SET reserved = reserved + 2 WHERE variant = :variant AND quantity - reserved >= 2
    RETURNING reserved AS reserved \gset
INSERT INTO reservations (quote, variant, quantity, state) VALUES (:quote, :variant, 2, 'active')
    RETURNING id AS reservation \gset
INSERT INTO movements (variant, action, before, after, reservation)
    VALUES (:variant, 'reserve', :reserved - 2, :reserved, :reservation);
COMMIT;
BEGIN;
INSERT INTO orders (quote, buyer, state, subtotal, shipping) VALUES (:quote, :buyer, 'pending', 170000, 22000)
    RETURNING id AS "order" \gset
INSERT INTO lines ("order", variant, quantity, price) VALUES (:order, :variant, 2, 85000);
INSERT INTO events ("order", state) VALUES (:order, 'pending');
INSERT INTO responses (body) VALUES ('0123456789012345678901234567890123456789');
COMMIT;
BEGIN;
INSERT INTO payments ("order", amount, state) VALUES (:order, 192000, 'created') RETURNING id AS payment \gset
INSERT INTO tasks (kind, key) VALUES ('settle', :payment);
INSERT INTO responses (body) VALUES ('0123456789012345678901234567890123456789');
COMMIT;
UPDATE payments SET state = 'pending', url = 'https://invoice' WHERE id = :payment AND state = 'created';
INSERT INTO webhooks (key, body) VALUES (:payment, '{"status": "PAID"}');
BEGIN;
UPDATE payments SET state = 'captured' WHERE id = :payment AND state = 'pending';
INSERT INTO transactions (reference) VALUES (:payment) RETURNING id AS transaction \gset
INSERT INTO entries (transaction, account, amount)
    VALUES (:transaction, 1, 192000), (:transaction, :order + 10, -170000), (:transaction, :order + 11, -22000);
UPDATE accounts SET debit = debit + 192000 WHERE id = 1;
COMMIT;
BEGIN;
UPDATE orders SET state = 'paid' WHERE id = :order AND state = 'pending';
INSERT INTO events ("order", state) VALUES (:order, 'paid');
DELETE FROM tasks WHERE kind = 'settle' AND key = :payment;
COMMIT;
UPDATE reservations SET state = 'confirmed' WHERE id = :reservation AND state = 'active';
