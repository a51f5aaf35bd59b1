"""Products with their slugs, variants and images, and categories."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from services.kit.migrate import install_kit

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    install_kit("product")
    op.create_table(
        "categories",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("update_time", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("parent_id <> id", name="categories_not_below_itself"),
        sa.ForeignKeyConstraint(["parent_id"], ["categories.id"], name="categories_parent"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("slug", name="categories_slug"),
    )
    op.create_index("categories_by_parent", "categories", ["parent_id", "slug"], unique=False)
    op.create_table(
        "product_slugs",
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("base", sa.Text(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("slug"),
        sa.UniqueConstraint("product_id", "base", name="product_slugs_base"),
        sa.UniqueConstraint("slug", "product_id", name="product_slugs_owner"),
    )
    op.create_table(
        "slug_numbers",
        sa.Column("base", sa.Text(), nullable=False),
        sa.Column("last_number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("base"),
    )
    op.create_table(
        "products",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("category_id", sa.Uuid(), nullable=True),
        sa.Column("owner_kind", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("base_price", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("update_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("delete_time", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "search",
            postgresql.TSVECTOR(),
            sa.Computed(
                "to_tsvector('simple'::regconfig, (name || ' '::text) || description)",
                persisted=True,
            ),
            nullable=False,
        ),
        sa.CheckConstraint(
            "(owner_kind = 'platform') = (owner_id = '00000000-0000-0000-0000-000000000000')",
            name="products_platform_has_no_id",
        ),
        sa.CheckConstraint(
            "owner_kind IN ('platform', 'seller', 'factory')", name="products_owner_kind"
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'published', 'unpublished', 'archived')", name="products_state"
        ),
        sa.CheckConstraint("base_price BETWEEN 0 AND 1000000000", name="products_base_price"),
        sa.ForeignKeyConstraint(["category_id"], ["categories.id"], name="products_category"),
        sa.ForeignKeyConstraint(
            ["slug", "id"],
            ["product_slugs.slug", "product_slugs.product_id"],
            name="products_slug_is_theirs",
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("id", "owner_id", name="products_owner"),
        sa.UniqueConstraint("slug", name="products_slug"),
    )
    op.create_index("products_by_category", "products", ["category_id", "id"], unique=False)
    op.create_index("products_by_owner", "products", ["owner_id", "id"], unique=False)
    op.create_index("products_by_state", "products", ["state", "id"], unique=False)
    op.create_index(
        "products_by_words", "products", ["search"], unique=False, postgresql_using="gin"
    )
    op.create_table(
        "variants",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("price_adjustment", sa.BigInteger(), nullable=False),
        sa.Column("weight_grams", sa.Integer(), nullable=False),
        sa.Column("length_cm", sa.Integer(), nullable=False),
        sa.Column("width_cm", sa.Integer(), nullable=False),
        sa.Column("height_cm", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("update_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("delete_time", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "least(weight_grams, length_cm, width_cm, height_cm) > 0", name="variants_parcel"
        ),
        sa.ForeignKeyConstraint(
            ["product_id", "owner_id"],
            ["products.id", "products.owner_id"],
            name="variants_product",
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("id", "product_id", name="variants_of_product"),
        sa.UniqueConstraint("owner_id", "sku", name="variants_sku"),
    )
    op.create_index("variants_by_product", "variants", ["product_id", "id"], unique=False)
    op.create_table(
        "images",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("variant_id", sa.Uuid(), nullable=True),
        sa.Column("uri", sa.Text(), nullable=False),
        sa.Column("alt_text", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("position BETWEEN 0 AND 19", name="images_position"),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name="images_product"),
        sa.ForeignKeyConstraint(
            ["variant_id", "product_id"],
            ["variants.id", "variants.product_id"],
            name="images_variant",
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint(
            "product_id", "position", deferrable=True, initially="IMMEDIATE", name="images_place"
        ),
    )
    op.create_index("images_by_variant", "images", ["variant_id"], unique=False)
    op.create_foreign_key(
        "product_slugs_product",
        "product_slugs",
        "products",
        ["product_id"],
        ["id"],
        initially="DEFERRED",
        deferrable=True,
    )
