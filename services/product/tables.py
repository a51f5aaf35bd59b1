"""The product schema: rows, no behaviour."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Computed,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.dialects.postgresql import TSVECTOR

from services.kit.db import Timestamp

metadata = MetaData()
SCHEMA = (metadata,)

categories = Table(
    "categories",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("parent_id", Uuid, ForeignKey("categories.id", name="categories_parent")),
    Column("name", Text, nullable=False),
    Column("slug", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("create_time", Timestamp, nullable=False),
    Column("update_time", Timestamp, nullable=False),
    CheckConstraint("parent_id <> id", name="categories_not_below_itself"),
    UniqueConstraint("slug", name="categories_slug"),
    Index("categories_by_parent", "parent_id", "slug"),
)

# How many slugs were made of the same name; the row is locked by who makes the next.
slug_numbers = Table(
    "slug_numbers",
    metadata,
    Column("base", Text, primary_key=True),
    Column("last_number", Integer, nullable=False),
)

# Every slug that a product ever had; a product has one of each name that it had.
product_slugs = Table(
    "product_slugs",
    metadata,
    Column("slug", Text, primary_key=True),
    Column("base", Text, nullable=False),
    Column("product_id", Uuid, nullable=False),
    ForeignKeyConstraint(
        ["product_id"],
        ["products.id"],
        name="product_slugs_product",
        deferrable=True,
        initially="DEFERRED",
        use_alter=True,
    ),
    UniqueConstraint("product_id", "base", name="product_slugs_base"),
    UniqueConstraint("slug", "product_id", name="product_slugs_owner"),
)

products = Table(
    "products",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("slug", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("category_id", Uuid, ForeignKey("categories.id", name="products_category")),
    Column("owner_kind", Text, nullable=False),
    Column("owner_id", Uuid, nullable=False),
    Column("base_price", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("create_time", Timestamp, nullable=False),
    Column("update_time", Timestamp, nullable=False),
    Column("delete_time", Timestamp),
    Column(
        "search",
        TSVECTOR,
        Computed(
            "to_tsvector('simple'::regconfig, (name || ' '::text) || description)", persisted=True
        ),
        nullable=False,
    ),
    CheckConstraint("owner_kind IN ('platform', 'seller', 'factory')", name="products_owner_kind"),
    CheckConstraint(
        "(owner_kind = 'platform') = (owner_id = '00000000-0000-0000-0000-000000000000')",
        name="products_platform_has_no_id",
    ),
    CheckConstraint("base_price BETWEEN 0 AND 1000000000", name="products_base_price"),
    CheckConstraint(
        "state IN ('draft', 'published', 'unpublished', 'archived')", name="products_state"
    ),
    ForeignKeyConstraint(
        ["slug", "id"],
        ["product_slugs.slug", "product_slugs.product_id"],
        name="products_slug_is_theirs",
    ),
    UniqueConstraint("slug", name="products_slug"),
    UniqueConstraint("id", "owner_id", name="products_owner"),
    Index("products_by_state", "state", "id"),
    Index("products_by_owner", "owner_id", "id"),
    Index("products_by_category", "category_id", "id"),
    Index("products_by_words", "search", postgresql_using="gin"),
)

variants = Table(
    "variants",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("product_id", Uuid, nullable=False),
    Column("owner_id", Uuid, nullable=False),
    Column("sku", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("price_adjustment", BigInteger, nullable=False),
    Column("weight_grams", Integer, nullable=False),
    Column("length_cm", Integer, nullable=False),
    Column("width_cm", Integer, nullable=False),
    Column("height_cm", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    Column("create_time", Timestamp, nullable=False),
    Column("update_time", Timestamp, nullable=False),
    Column("delete_time", Timestamp),
    CheckConstraint(
        "least(weight_grams, length_cm, width_cm, height_cm) > 0", name="variants_parcel"
    ),
    ForeignKeyConstraint(
        ["product_id", "owner_id"], ["products.id", "products.owner_id"], name="variants_product"
    ),
    UniqueConstraint("owner_id", "sku", name="variants_sku"),
    UniqueConstraint("id", "product_id", name="variants_of_product"),
    Index("variants_by_product", "product_id", "id"),
)

images = Table(
    "images",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("product_id", Uuid, ForeignKey("products.id", name="images_product"), nullable=False),
    Column("variant_id", Uuid),
    Column("uri", Text, nullable=False),
    Column("alt_text", Text, nullable=False),
    Column("position", Integer, nullable=False),
    Column("create_time", Timestamp, nullable=False),
    CheckConstraint("position BETWEEN 0 AND 19", name="images_position"),
    ForeignKeyConstraint(
        ["variant_id", "product_id"], ["variants.id", "variants.product_id"], name="images_variant"
    ),
    # Checked at the end of a statement, so that one statement may change all places.
    UniqueConstraint(
        "product_id", "position", name="images_place", deferrable=True, initially="IMMEDIATE"
    ),
    Index("images_by_variant", "variant_id"),
)
