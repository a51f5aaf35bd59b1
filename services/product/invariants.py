"""What must be true of products: each statement names the rows where it is not."""

from collections.abc import Sequence

INVARIANTS: Sequence[tuple[str, str]] = (
    (
        "a product keeps one variant",
        """
        SELECT id::text FROM products p WHERE NOT EXISTS (
            SELECT FROM variants v WHERE v.product_id = p.id AND v.delete_time IS NULL
        )
        """,
    ),
    (
        "nothing costs less than nothing",
        """
        SELECT v.id::text FROM variants v JOIN products p ON p.id = v.product_id
        WHERE v.delete_time IS NULL AND p.base_price + v.price_adjustment < 0
        """,
    ),
    (
        "images are next to each other",
        """
        SELECT product_id::text FROM images
        GROUP BY product_id HAVING max(position) <> count(*) - 1
        """,
    ),
    (
        "categories hang below each other on five levels at most",
        """
        WITH RECURSIVE tree AS (
            SELECT id, 1 AS level FROM categories WHERE parent_id IS NULL
            UNION ALL
            SELECT c.id, tree.level + 1 FROM categories c JOIN tree ON c.parent_id = tree.id
        )
        SELECT c.id::text FROM categories c LEFT JOIN tree ON tree.id = c.id
        WHERE tree.level IS NULL OR tree.level > 5
        """,
    ),
)
