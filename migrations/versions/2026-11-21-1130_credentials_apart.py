"""Credentials in a table of their own, so that a rotation can overlap; a rate per client."""

import sqlalchemy as sa
from alembic import op

revision = "20261121_1130"
down_revision = "20261121_1100"
branch_labels = None
depends_on = None

COLUMNS = "key, secret_hash, token_digest, created"


def upgrade() -> None:
    op.create_table(
        "credentials",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("secret_hash", sa.String(200), nullable=False),
        sa.Column("token_digest", sa.String(64), nullable=False),
        sa.Column("expires", sa.DateTime(), nullable=True),
        sa.Column("created", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_credentials"),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"], ondelete="CASCADE"),
        sa.UniqueConstraint("key", name="uq_credentials_key"),
        sa.UniqueConstraint("token_digest", name="uq_credentials_token_digest"),
    )
    op.execute(f"INSERT INTO credentials (client_id, {COLUMNS}) SELECT id, {COLUMNS} FROM clients")
    with op.batch_alter_table("clients") as clients:
        clients.drop_constraint("uq_clients_key", type_="unique")
        clients.drop_constraint("uq_clients_token_digest", type_="unique")
        clients.drop_column("key")
        clients.drop_column("secret_hash")
        clients.drop_column("token_digest")
        clients.add_column(sa.Column("rate", sa.Integer(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("clients") as clients:
        clients.add_column(sa.Column("key", sa.String(64), nullable=True))
        clients.add_column(sa.Column("secret_hash", sa.String(200), nullable=True))
        clients.add_column(sa.Column("token_digest", sa.String(64), nullable=True))
        clients.drop_column("rate")
    newest = "(SELECT {0} FROM credentials WHERE client_id = clients.id ORDER BY id DESC LIMIT 1)"
    op.execute(
        "UPDATE clients SET "
        + ", ".join(f"{c} = {newest.format(c)}" for c in ("key", "secret_hash", "token_digest"))
    )
    op.execute("DELETE FROM clients WHERE key IS NULL")
    with op.batch_alter_table("clients") as clients:
        clients.alter_column("key", existing_type=sa.String(64), nullable=False)
        clients.alter_column("secret_hash", existing_type=sa.String(200), nullable=False)
        clients.alter_column("token_digest", existing_type=sa.String(64), nullable=False)
        clients.create_unique_constraint("uq_clients_key", ["key"])
        clients.create_unique_constraint("uq_clients_token_digest", ["token_digest"])
    op.drop_table("credentials")
