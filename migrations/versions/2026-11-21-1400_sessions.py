"""Sessions: what was asked, what was answered, by which models; whom it concerned; how long a client's are kept."""

import sqlalchemy as sa
from alembic import op

revision = "20261121_1400"
down_revision = "20261121_1300"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "model_packs",
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("contents", sa.Text(), nullable=False),
        sa.Column("created", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_model_packs"),
    )
    op.create_table(
        "sessions",
        sa.Column("request_id", sa.String(36), nullable=False),
        sa.Column("client_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("milliseconds", sa.Integer(), nullable=False),
        sa.Column("method", sa.String(10), nullable=False),
        sa.Column("route", sa.String(200), nullable=False),
        sa.Column("outcome", sa.String(40), nullable=False),
        sa.Column("code", sa.String(20), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("pack", sa.String(64), nullable=False),
        sa.Column("key_id", sa.String(16), nullable=False),
        sa.Column("details", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("request_id", name="pk_sessions"),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"], name="fk_sessions_client_id"),
        sa.ForeignKeyConstraint(["pack"], ["model_packs.digest"], name="fk_sessions_pack"),
    )
    op.create_index("ix_sessions_client_id_at", "sessions", ["client_id", "at"])
    op.create_table(
        "session_people",
        sa.Column("request_id", sa.String(36), nullable=False),
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.PrimaryKeyConstraint("request_id", "digest", name="pk_session_people"),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["sessions.request_id"],
            name="fk_session_people_request_id",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_session_people_digest", "session_people", ["digest"])
    op.add_column("clients", sa.Column("session_days", sa.Integer(), nullable=True))


def downgrade() -> None:
    # Not by a copy of the table, which would lose its checks.
    op.execute("ALTER TABLE clients DROP COLUMN session_days")
    op.drop_table("session_people")
    op.drop_table("sessions")
    op.drop_table("model_packs")
