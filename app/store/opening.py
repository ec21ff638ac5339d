"""Puts the gallery of one installation together: keys, rows, index."""

from __future__ import annotations

from sqlalchemy import Engine

from app.settings import Settings
from app.store.cipher import Cipher
from app.store.faces import Faces
from app.store.flat import FlatIndex
from app.store.gallery import RowGallery
from app.store.keys import open_keys
from app.store.projection import MemoryProjection
from models.types import Recogniser


def open_gallery(settings: Settings, engine: Engine, recogniser: Recogniser) -> RowGallery:
    """The gallery, its index in step with the rows.

    Raises:
        KeysUnusable: the sealing keys are missing or not this database's.
    """
    cipher = Cipher(open_keys(settings, engine))
    index = FlatIndex(threads=settings.threads)
    projection = MemoryProjection(engine, Faces(cipher), recogniser, index)
    projection.catch_up()
    return RowGallery(engine, cipher, projection, recogniser, keep_images=settings.keep_images)
