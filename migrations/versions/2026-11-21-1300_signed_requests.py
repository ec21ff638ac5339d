"""Signed requests: each credential's signing key, sealed, and the nonces of the last minutes."""

import sqlalchemy as sa
from alembic import op

revision = "20261121_1300"
down_revision = "20261121_1230"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "signing_keys",
        sa.Column("credential_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("key_id", sa.String(16), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("credential_id", name="pk_signing_keys"),
        sa.ForeignKeyConstraint(
            ["credential_id"],
            ["credentials.id"],
            name="fk_signing_keys_credential_id",
            ondelete="CASCADE",
        ),
    )
    op.create_table(
        "request_nonces",
        sa.Column("client_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("nonce", sa.String(64), nullable=False),
        sa.Column("expires", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("client_id", "nonce", name="pk_request_nonces"),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"], name="fk_request_nonces_client_id"),
    )
    op.create_index("ix_request_nonces_expires", "request_nonces", ["expires"])


def downgrade() -> None:
    op.drop_table("request_nonces")
    op.drop_table("signing_keys")
