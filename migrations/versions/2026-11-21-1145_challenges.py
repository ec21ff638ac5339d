"""Liveness challenges."""

import sqlalchemy as sa
from alembic import op

revision = "20261121_1145"
down_revision = "20261121_1130"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "challenges",
        sa.Column("nonce", sa.String(64), nullable=False),
        sa.Column("client_id", sa.Integer(), nullable=False),
        sa.Column("poses", sa.JSON(), nullable=False),
        sa.Column("expires", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("nonce", name="pk_challenges"),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"], name="fk_challenges_client_id"),
    )
    op.create_index("ix_challenges_expires", "challenges", ["expires"])


def downgrade() -> None:
    op.drop_table("challenges")
