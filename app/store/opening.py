"""Puts the gallery of one installation together: keys, rows, index."""

from __future__ import annotations

import logging
from pathlib import Path

from sqlalchemy import Engine

from app.settings import Settings
from app.store.audited import AuditedGallery
from app.store.cipher import Cipher, KeyMissing, Tampered
from app.store.faces import Faces
from app.store.files import sweep
from app.store.flat import FlatIndex
from app.store.gallery import RowGallery
from app.store.index_file import IndexFile
from app.store.keys import beside_database, open_cipher
from app.store.pgvector import PgVectorProjection
from app.store.projection import MemoryProjection, Projection
from models.types import Recogniser

log = logging.getLogger("ekyc.gallery")


def open_gallery(
    settings: Settings, engine: Engine, recogniser: Recogniser, cipher: Cipher | None = None
) -> RowGallery:
    """The gallery, its index in step with the rows. Where rows were altered it opens too, but refuses to search.

    Args:
        cipher: of this database, where it is open already.

    Raises:
        KeysUnusable: the sealing keys are missing or not this database's.
    """
    cipher = cipher or open_cipher(settings, engine)
    projection = _projection(settings, engine, cipher, recogniser)
    try:
        projection.catch_up()
    except (Tampered, KeyMissing):
        # The rest of the service can do its work, and whoever repairs the rows may need it.
        log.exception("faces cannot be searched")
    return AuditedGallery(engine, cipher, projection, recogniser, keep_images=settings.keep_images)


def _projection(
    settings: Settings, engine: Engine, cipher: Cipher, recogniser: Recogniser
) -> Projection:
    if settings.index == "pgvector":
        log.warning("templates are kept in clear, in the table face_vectors")
        return PgVectorProjection(engine, Faces(cipher), recogniser)
    path = index_path(settings)
    sweep(path)
    file = IndexFile(path, cipher, recogniser.id)
    index = FlatIndex(threads=settings.threads)
    return MemoryProjection(
        engine, Faces(cipher), recogniser, index, file, exact_limit=settings.exact_limit
    )


def index_path(settings: Settings) -> Path:
    """Where the index file is, or would be."""
    return settings.index_file or beside_database(settings, "index")
