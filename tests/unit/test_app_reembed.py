"""scripts/reembed: faces follow a change of the recogniser where their pictures were kept."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from sqlalchemy import text

from app.clients import Clients
from app.commands import reembed
from app.runtime import Runtime
from app.settings import Settings, read_settings
from app.store.audit import Audit
from app.store.database import open_database
from app.store.keys import open_cipher
from app.store.migrate import upgrade
from app.store.opening import open_gallery
from models.types import FaceTemplate, Recogniser
from pipelines.embed_face import EmbeddedFace
from pipelines.errors import OtherRecogniser
from pipelines.search_faces import NewFace, Place
from tests.fakes import RECOGNISER, FakeEmbedFace, Seen, picture, runtime, vector_of

NEWER = Recogniser("newer", RECOGNISER.calibration)
PLACE = Place(1)


class NewerEmbedFace(FakeEmbedFace):
    def __call__(self, image: object, *, judged: bool = False) -> EmbeddedFace:
        old = super().__call__(image)  # type: ignore[arg-type]
        return EmbeddedFace(
            old.image, old.face, FaceTemplate(old.template.vector[::-1].copy(), "newer")
        )


def newer(_: Settings) -> Runtime:
    return runtime(embed_face=NewerEmbedFace(), recogniser=NEWER)


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("EKYC_SETTINGS_FILE", os.devnull)
    monkeypatch.setenv("EKYC_DATABASE_URL", f"sqlite:///{tmp_path}/ekyc.sqlite3")
    monkeypatch.setenv("EKYC_KEEP_IMAGES", "true")
    upgrade(read_settings().database_url)
    return read_settings()


def test_faces_move_with_their_pictures_and_the_rest_is_told_or_dropped(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    engine = open_database(settings.database_url)
    Clients(engine).add("bank")
    old = open_gallery(settings, engine, RECOGNISER)
    kept = old.add(
        PLACE,
        NewFace(
            FaceTemplate(vector_of(Seen.HOLDER), "fake"),
            "kh-1",
            {"name": "Ánh"},
            picture(Seen.HOLDER),
        ),
    )
    bare = old.add(PLACE, NewFace(FaceTemplate(vector_of(Seen.STRANGER), "fake"), "kh-2"))
    altered = old.add(
        PLACE, NewFace(FaceTemplate(vector_of(Seen.LOOKALIKE), "fake"), image=b"jpeg")
    )
    with engine.begin() as connection:
        zeros = text("UPDATE face_images SET image = zeroblob(40) WHERE face_id = :id")
        connection.execute(zeros, {"id": altered.id})
    faceless = old.add(
        PLACE,
        NewFace(FaceTemplate(vector_of(Seen.LOOKALIKE), "fake"), "kh-3", image=picture(Seen.TABLE)),
    )
    old.close()

    gallery = open_gallery(settings, engine, NEWER)
    wanted = FaceTemplate(vector_of(Seen.HOLDER)[::-1].copy(), "newer")
    with pytest.raises(OtherRecogniser):
        gallery.nearest(PLACE, wanted, 1)
    assert reembed.main([], newer) == 1
    told = capsys.readouterr().out
    assert "moved 1; left 3: 1 without a stored picture, 1 in whose picture no face" in told
    assert "1 that were altered" in told
    with pytest.raises(OtherRecogniser):
        gallery.nearest(PLACE, wanted, 1)

    assert reembed.main(["--drop-rest"], newer) == 0
    (found,) = gallery.nearest(PLACE, wanted, 5)
    assert found.face.id == kept.id
    assert found.face.metadata == {"name": "Ánh"}
    assert found.cosine == pytest.approx(1.0)
    assert [face.id for face in gallery.faces(PLACE)] == [kept.id]
    assert {bare.id, faceless.id} & {face.id for face in gallery.faces(PLACE)} == set()
    assert reembed.main([], newer) == 0
    with engine.connect() as connection:
        acts = connection.execute(text("SELECT act, rows FROM audit ORDER BY number")).all()
    assert ("reembed", str(kept.id)) in acts
    assert ("delete", f"{bare.id},{altered.id},{faceless.id}") in acts
    Audit(engine, open_cipher(settings, engine)).verify()
    gallery.close()
    engine.dispose()


def test_the_rest_is_dropped_a_batch_at_a_time(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every request of a service beside it waits for one."""
    monkeypatch.setattr("app.store.reembedding.BATCH", 2)
    engine = open_database(settings.database_url)
    Clients(engine).add("bank")
    old = open_gallery(settings, engine, RECOGNISER)
    first, *_, last = [
        old.add(PLACE, NewFace(FaceTemplate(vector_of(seen), "fake"), f"kh-{seen.name}")).id
        for seen in (Seen.HOLDER, Seen.STRANGER, Seen.LOOKALIKE)
    ]
    old.close()
    assert reembed.main(["--drop-rest"], newer) == 0
    with engine.connect() as connection:
        acts = connection.scalars(text("SELECT rows FROM audit WHERE act = 'delete'")).all()
        assert [len(rows.split(",")) for rows in acts] == [2, 1]
        assert (acts[0].split(",")[0], acts[1]) == (str(first), str(last))
        assert connection.scalar(text("SELECT count(*) FROM people")) == 0
        assert connection.scalar(text("SELECT count(*) FROM deleted_faces")) == 3
    engine.dispose()
