"""Gallery: collections, people, faces, their pictures, fingerprints, the clock and the keys."""

import secrets

import sqlalchemy as sa
from alembic import op

revision = "20261121_1100"
down_revision = "20261121_0800"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "collections",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("created", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_collections"),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"], name="fk_collections_client_id"),
        sa.UniqueConstraint("client_id", "name", name="uq_collections_client_id"),
    )
    op.create_table(
        "people",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("collection_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("key_id", sa.String(16), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("created", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_people"),
        sa.ForeignKeyConstraint(
            ["collection_id"], ["collections.id"], name="fk_people_collection_id"
        ),
        sa.UniqueConstraint("collection_id", "digest", name="uq_people_collection_id"),
    )
    op.create_table(
        "faces",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("collection_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("recogniser", sa.String(100), nullable=False),
        sa.Column("key_id", sa.String(16), nullable=False),
        sa.Column("template", sa.LargeBinary(), nullable=False),
        sa.Column("details", sa.LargeBinary(), nullable=False),
        sa.Column("quality", sa.Double(), nullable=True),
        sa.Column("source", sa.String(20), nullable=False),
        sa.Column("created", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_faces"),
        sa.ForeignKeyConstraint(
            ["collection_id"], ["collections.id"], name="fk_faces_collection_id"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_faces_person_id"),
    )
    op.create_index("ix_faces_collection_id_id", "faces", ["collection_id", "id"])
    op.create_index("ix_faces_version", "faces", ["version"])
    op.create_index("ix_faces_person_id", "faces", ["person_id"])
    op.create_index(
        "ix_faces_recogniser_collection_id_id", "faces", ["recogniser", "collection_id", "id"]
    )
    op.create_table(
        "face_images",
        sa.Column("face_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("key_id", sa.String(16), nullable=False),
        sa.Column("image", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("face_id", name="pk_face_images"),
        sa.ForeignKeyConstraint(
            ["face_id"], ["faces.id"], name="fk_face_images_face_id", ondelete="CASCADE"
        ),
    )
    op.create_table(
        "fingerprints",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("collection_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("finger", sa.String(50), nullable=False),
        sa.Column("key_id", sa.String(16), nullable=False),
        sa.Column("image", sa.LargeBinary(), nullable=False),
        sa.Column("created", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_fingerprints"),
        sa.ForeignKeyConstraint(
            ["collection_id"], ["collections.id"], name="fk_fingerprints_collection_id"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_fingerprints_person_id"),
    )
    op.create_index("ix_fingerprints_person_id", "fingerprints", ["person_id"])
    op.create_table(
        "deleted_faces",
        sa.Column("face_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("collection_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("face_id", name="pk_deleted_faces"),
    )
    op.create_index("ix_deleted_faces_version", "deleted_faces", ["version"])
    clock = op.create_table(
        "gallery_clock",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("lineage", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_gallery_clock"),
    )
    op.bulk_insert(clock, [{"id": 1, "version": 0, "lineage": secrets.token_hex(16)}])
    op.create_table(
        "sealing_keys",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("proof", sa.LargeBinary(32), nullable=False),
        sa.Column("created", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sealing_keys"),
    )


def downgrade() -> None:
    # Made by the service itself where templates are searched by pgvector; rebuilt from the rows when missing.
    op.execute("DROP TABLE IF EXISTS face_vectors")
    op.execute("DROP TABLE IF EXISTS face_vectors_state")
    for table in (
        "sealing_keys",
        "gallery_clock",
        "deleted_faces",
        "fingerprints",
        "face_images",
        "faces",
        "people",
        "collections",
    ):
        op.drop_table(table)
