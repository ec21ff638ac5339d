"""Clients: credentials, scopes, quota."""

import sqlalchemy as sa
from alembic import op

revision = "20261121_0800"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "clients",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("secret_hash", sa.String(200), nullable=False),
        sa.Column("token_digest", sa.String(64), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("quota", sa.Integer(), nullable=True),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.Column("expires", sa.DateTime(), nullable=True),
        sa.Column("created", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_clients"),
        sa.UniqueConstraint("name", name="uq_clients_name"),
        sa.UniqueConstraint("key", name="uq_clients_key"),
        sa.UniqueConstraint("token_digest", name="uq_clients_token_digest"),
        sa.CheckConstraint("used >= 0", name="used_not_negative"),
        sa.CheckConstraint("quota IS NULL OR used <= quota", name="used_within_quota"),
    )


def downgrade() -> None:
    op.drop_table("clients")
