"""The address book, and the areas of Indonesia."""

import sqlalchemy as sa
from alembic import op

from services.kit.migrate import install_kit

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    install_kit("address")
    op.create_table(
        "address_books",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("user_id"),
    )
    op.create_table(
        "areas",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("parent_code", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("postal_code", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["parent_code"],
            ["areas.code"],
        ),
        sa.PrimaryKeyConstraint("code"),
    )
    op.create_index("areas_by_parent", "areas", ["parent_code", "code"], unique=False)
    op.create_index(
        "areas_by_postal_code",
        "areas",
        ["postal_code", "code"],
        unique=False,
        postgresql_where=sa.text("postal_code IS NOT NULL"),
    )
    op.create_table(
        "addresses",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("recipient_name", sa.Text(), nullable=False),
        sa.Column("phone_number", sa.Text(), nullable=False),
        sa.Column("street", sa.Text(), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("village_code", sa.Text(), nullable=False),
        sa.Column("postal_code", sa.Text(), nullable=False),
        sa.Column("latitude", sa.Float(), nullable=True),
        sa.Column("longitude", sa.Float(), nullable=True),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("update_time", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["address_books.user_id"],
        ),
        sa.ForeignKeyConstraint(
            ["village_code"],
            ["areas.code"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("addresses_by_user", "addresses", ["user_id", "id"], unique=False)
    op.create_index("addresses_by_village", "addresses", ["village_code"], unique=False)
    op.create_index(
        "addresses_one_default",
        "addresses",
        ["user_id"],
        unique=True,
        postgresql_where=sa.text("is_default"),
    )
