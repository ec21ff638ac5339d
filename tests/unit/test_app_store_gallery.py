"""Enrolling, finding and forgetting faces, with real rows in both databases."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
from sqlalchemy import Engine, event, make_url, text
from sqlalchemy.exc import OperationalError

from app.clients import Clients
from app.settings import Settings
from app.store.cipher import Cipher, Keys, Tampered
from app.store.database import WANTED, NotWanted, Wanted, open_database
from app.store.faces import Faces
from app.store.flat import FlatIndex
from app.store.gallery import RowGallery
from app.store.keys import open_keys, write_keys
from app.store.opening import open_gallery
from app.store.pgvector import PgVectorProjection
from app.store.projection import MemoryProjection
from app.store.trouble import LOCKED, trouble
from models.types import FaceTemplate, FalseMatchRates, Recogniser, SimilarityCalibration
from pipelines.errors import BadParameter, Clash, FaceExists, Internal, OtherRecogniser, UnknownFace
from pipelines.search_faces import NewFace, Place, SearchFaces

CALIBRATION = SimilarityCalibration(((-1.0, 0.0), (0.5, 0.5), (1.0, 1.0)))
RATES = FalseMatchRates(((0.5, 1e-4), (0.7, 1e-6)))
OURS = Recogniser("ours", CALIBRATION, RATES)
THEIRS = Recogniser("theirs", CALIBRATION, RATES)
DIMENSION = 32
HASTY = "-c lock_timeout=150ms"
MOST_SECONDS = 60


def template(seed: int, near: FaceTemplate | None = None, cosine: float = 1.0) -> FaceTemplate:
    """A random direction, or one at this cosine from another."""
    vector = np.random.default_rng(seed).standard_normal(DIMENSION)
    if near is not None:
        vector -= (vector @ near.vector) * near.vector
        vector = cosine * near.vector + np.sqrt(1 - cosine**2) * vector / np.linalg.norm(vector)
    vector /= np.linalg.norm(vector)
    return FaceTemplate(vector.astype(np.float32), OURS.id)


ANN, BINH = template(1), template(2)


class Shop:
    """One database with two clients; galleries open as in separate processes."""

    def __init__(self, url: str, folder: Path, index: Literal["memory", "pgvector"]) -> None:
        (folder / "keys").write_text(write_keys(Keys.new()))
        self.settings = Settings(
            database_url=url,
            keys_file=folder / "keys",
            index_file=folder / "index",
            index=index,
            keep_images=True,
            threads=2,
        )
        self.engine: Engine = open_database(url)
        for name in ("a", "b"):
            Clients(self.engine).add(name)
        self.a, self.b = Place(1), Place(2)
        self._open: list[RowGallery] = []

    def faces(self, recogniser: Recogniser = OURS) -> SearchFaces:
        gallery = open_gallery(self.settings, self.engine, recogniser)
        self._open.append(gallery)
        return SearchFaces(gallery, recogniser)

    def close(self) -> None:
        for gallery in self._open:
            gallery.close()
        self.engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql", "pgvector"])
def shop(
    request: pytest.FixtureRequest, new_database: Callable[[str], str], tmp_path: Path
) -> Iterator[Shop]:
    """On each database, and with the index in the database."""
    if request.param == "pgvector":
        made = Shop(new_database("postgresql"), tmp_path, "pgvector")
    else:
        made = Shop(new_database(request.param), tmp_path, "memory")
    yield made
    made.close()


def test_a_face_is_found_with_its_metadata_and_forgotten(shop: Shop) -> None:
    faces = shop.faces()
    metadata = {"name": "Nguyễn Thị Ánh", "tags": ["vip", 1]}
    ann = faces.enrol(shop.a, NewFace(ANN, "kh-1", metadata, b"jpeg", 0.8, "card"))
    binh = faces.enrol(shop.a, NewFace(BINH, "kh-2"))
    (match,) = faces.search(shop.a, template(3, ANN, 0.9))
    assert match.face == ann
    assert (match.face.person, match.face.metadata, match.face.source) == ("kh-1", metadata, "card")
    assert match.similarity == pytest.approx(0.9, abs=1e-6)
    assert faces.gallery.image(shop.a, ann.id) == b"jpeg"
    assert faces.gallery.image(shop.a, binh.id) is None
    faces.gallery.delete(shop.a, [ann.id])
    assert faces.search(shop.a, ANN) == []
    assert faces.gallery.faces(shop.a) == [binh]
    with pytest.raises(UnknownFace):
        faces.gallery.image(shop.a, ann.id)


def test_processes_see_one_anothers_writes(shop: Shop) -> None:
    one, other = shop.faces(), shop.faces()
    ann = one.enrol(shop.a, NewFace(ANN, "kh-1"))
    assert [match.face for match in other.search(shop.a, ANN)] == [ann]
    other.gallery.delete_person(shop.a, "kh-1")
    assert one.search(shop.a, ANN) == []
    again = other.enrol(shop.a, NewFace(ANN, "kh-1"))
    assert again.id > ann.id
    assert [match.face for match in one.search(shop.a, ANN)] == [again]


def test_nothing_crosses_from_client_to_client_or_collection_to_collection(shop: Shop) -> None:
    faces = shop.faces()
    ann = faces.enrol(shop.a, NewFace(ANN, "kh-1", image=b"jpeg"))
    finger = faces.gallery.add_fingerprint(shop.a, "kh-1", "left thumb", b"png")
    for elsewhere in (shop.b, Place(1, "insurer")):
        assert faces.search(elsewhere, ANN) == []
        assert faces.gallery.faces(elsewhere) == []
        assert faces.gallery.size(elsewhere) == 0
        assert faces.gallery.fingerprints(elsewhere, "kh-1") == []
        assert faces.gallery.delete_person(elsewhere, "kh-1") == 0
        assert faces.gallery.delete_collection(elsewhere) == 0
        with pytest.raises(UnknownFace):
            faces.verify(elsewhere, "kh-1", ANN)
        with pytest.raises(UnknownFace):
            faces.gallery.image(elsewhere, ann.id)
        with pytest.raises(UnknownFace):
            faces.set_metadata(elsewhere, ann.id, {})
        with pytest.raises(UnknownFace):
            faces.gallery.delete(elsewhere, [ann.id])
        with pytest.raises(UnknownFace):
            faces.gallery.fingerprint_image(elsewhere, finger.id)
        faces.enrol(elsewhere, NewFace(ANN, "kh-9"))  # no duplicate there
    assert faces.verify(shop.a, "kh-1", ANN).matched


def test_the_same_face_under_another_id_and_another_face_under_the_same_id(shop: Shop) -> None:
    faces = shop.faces()
    faces.enrol(shop.a, NewFace(ANN, "kh-1"))
    with pytest.raises(FaceExists) as refused:
        faces.enrol(shop.a, NewFace(template(4, ANN, 0.97), "kh-2"))
    assert refused.value.clash is Clash.SAME_FACE_OTHER_PERSON
    with pytest.raises(FaceExists) as refused:
        faces.enrol(shop.a, NewFace(BINH, "kh-1"))
    assert refused.value.clash is Clash.SAME_PERSON_OTHER_FACE
    faces.enrol(shop.a, NewFace(template(5, ANN, 0.8), "kh-1"))
    assert len(faces.gallery.faces(shop.a, person="kh-1")) == 2
    replaced = faces.enrol(shop.a, NewFace(BINH, "kh-1"), replace=True)
    assert faces.gallery.faces(shop.a, person="kh-1") == [replaced]
    assert faces.search(shop.a, ANN) == []
    assert faces.gallery.size(shop.a) == 1


def test_at_once_a_face_is_enrolled_for_one_person_only(shop: Shop) -> None:
    refused = []

    def enrol(person: str) -> None:
        try:
            shop.faces().enrol(shop.a, NewFace(ANN, person))
        except FaceExists as error:
            refused.append(error.clash)

    threads = [threading.Thread(target=enrol, args=(f"kh-{n}",)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert refused == [Clash.SAME_FACE_OTHER_PERSON] * 5
    assert shop.faces().gallery.size(shop.a) == 1


def test_pictures_without_a_person_have_no_duplicates_and_are_listed_in_order(shop: Shop) -> None:
    faces = shop.faces()
    ids = [faces.enrol(shop.a, NewFace(ANN)).id for _ in range(5)]
    assert [face.id for face in faces.gallery.faces(shop.a, limit=2, offset=1)] == ids[1:3]
    assert faces.gallery.faces(shop.a, limit=2, offset=9) == []
    assert len(faces.search(shop.a, ANN, limit=3)) == 3
    with pytest.raises(UnknownFace):
        faces.gallery.delete(shop.a, [ids[0], 999_999])
    assert faces.gallery.size(shop.a) == 5
    faces.gallery.delete(shop.a, ids[:2])
    assert faces.gallery.delete_collection(shop.a) == 3


def test_metadata_is_replaced_but_not_with_reserved_keys(shop: Shop) -> None:
    faces = shop.faces()
    ann = faces.enrol(shop.a, NewFace(ANN, metadata={"label": "old"}))
    assert faces.set_metadata(shop.a, ann.id, {"label": "mới"}).metadata == {"label": "mới"}
    assert faces.search(shop.a, ANN)[0].face.metadata == {"label": "mới"}
    for key in ("user", "encoding", "_id"):
        with pytest.raises(BadParameter):
            faces.set_metadata(shop.a, ann.id, {key: "x"})
        with pytest.raises(BadParameter):
            faces.enrol(shop.a, NewFace(BINH, metadata={key: "x"}))


def test_fingerprints_are_kept_and_go_with_their_person(shop: Shop) -> None:
    faces = shop.faces()
    left = faces.gallery.add_fingerprint(shop.a, "kh-1", "left thumb", b"one")
    right = faces.gallery.add_fingerprint(shop.a, "kh-1", "right thumb", b"two")
    assert faces.gallery.fingerprints(shop.a, "kh-1") == [left, right]
    assert faces.gallery.fingerprint_image(shop.a, right.id) == b"two"
    faces.gallery.delete(shop.a, [left.id])
    assert faces.gallery.fingerprints(shop.a, "kh-1") == [right]
    faces.enrol(shop.a, NewFace(ANN, "kh-1"))
    assert faces.gallery.delete_person(shop.a, "kh-1") == 2
    with shop.engine.connect() as connection:
        for table in ("people", "faces", "face_images", "fingerprints"):
            assert connection.scalar(text(f"SELECT count(*) FROM {table}")) == 0


def test_templates_of_another_recogniser_are_refused_not_passed_over(shop: Shop) -> None:
    shop.faces().enrol(shop.a, NewFace(ANN, "kh-1"))
    later = shop.faces(THEIRS)
    theirs = FaceTemplate(ANN.vector, THEIRS.id)
    with pytest.raises(OtherRecogniser, match=r"ours.*reembed"):
        later.search(shop.a, theirs)
    with pytest.raises(OtherRecogniser):
        later.verify(shop.a, "kh-1", theirs)
    with pytest.raises(OtherRecogniser):
        later.enrol(shop.a, NewFace(theirs, "kh-2"))
    with pytest.raises(OtherRecogniser):
        later.search(shop.b, ANN)
    assert later.search(shop.b, theirs) == []


def test_a_template_moved_to_another_row_is_noticed(shop: Shop) -> None:
    faces = shop.faces()
    ann = faces.enrol(shop.a, NewFace(ANN, "kh-1"))
    binh = faces.enrol(shop.a, NewFace(BINH, "kh-2"))
    with shop.engine.begin() as connection:
        connection.execute(
            text(
                "UPDATE faces SET template = (SELECT template FROM faces WHERE id = :a) WHERE id = :b"
            ),
            {"a": ann.id, "b": binh.id},
        )
    with pytest.raises(Tampered):
        faces.verify(shop.a, "kh-2", ANN)


def test_the_duplicate_threshold_rises_with_the_gallery(shop: Shop) -> None:
    faces = shop.faces()
    few, many = faces.duplicate_threshold(10), faces.duplicate_threshold(10_000_000)
    assert few == 0.95
    # 1e-2 false duplicates among 1e7 is a rate of 1e-9: 3 decades past 0.7 at 0.1 a decade.
    assert many == pytest.approx(CALIBRATION(1.0))
    assert faces.duplicate_threshold(100_000) == max(0.95, CALIBRATION(0.8))


def test_pgvector_above_its_exact_size_gives_the_answers_of_exact_search(
    new_database: Callable[[str], str], tmp_path: Path
) -> None:
    """By its HNSW index, among another collection's faces twice as many."""
    shop = Shop(new_database("postgresql"), tmp_path, "pgvector")
    cipher = Cipher(open_keys(shop.settings, shop.engine))
    faces = Faces(cipher)
    indexes = (
        PgVectorProjection(shop.engine, faces, OURS, exact_rows=10),
        MemoryProjection(shop.engine, faces, OURS, FlatIndex()),
    )
    approximate, exact = (RowGallery(shop.engine, cipher, index, OURS) for index in indexes)
    templates = [template(seed) for seed in range(210)]
    for number, one in enumerate(templates):
        exact.add(shop.a if number % 3 == 0 else shop.b, NewFace(one))
    for seed, one in enumerate(templates[:60:3]):
        query = template(1_000 + seed, one, 0.6)
        answers = [gallery.nearest(shop.a, query, 3) for gallery in (approximate, exact)]
        assert answers[0] == answers[1]
    plan = "EXPLAIN SELECT face_id FROM face_vectors ORDER BY embedding <#> (SELECT embedding FROM face_vectors LIMIT 1) LIMIT 5"
    with shop.engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM face_vectors")) == 210
        connection.execute(text("SET LOCAL enable_seqscan = off"))
        assert "ix_face_vectors_hnsw" in str(connection.execute(text(plan)).all())
    shop.close()


def test_pgvector_is_not_built_anew_because_another_service_has_seen_more(
    new_database: Callable[[str], str], tmp_path: Path
) -> None:
    shop = Shop(new_database("postgresql"), tmp_path, "pgvector")
    one, other = shop.faces(), shop.faces()
    other.enrol(shop.a, NewFace(ANN, "kh-1"))
    meanwhile, dropped = [NewFace(BINH, "kh-2")], []

    def see(_: object, __: object, statement: str, *___: object) -> None:
        if "face_vectors_state FOR UPDATE" in statement and meanwhile:
            other.enrol(shop.a, meanwhile.pop())
        if statement.startswith("DROP TABLE"):
            dropped.append(statement)

    event.listen(shop.engine, "before_cursor_execute", see)
    (found,) = one.search(shop.a, BINH)
    assert (found.face.person, meanwhile, dropped) == ("kh-2", [], [])
    shop.close()


def test_requests_do_not_wait_for_pgvector_to_be_built_by_another_service(
    new_database: Callable[[str], str], tmp_path: Path
) -> None:
    """They would take all connections, and with them the answers to requests that need no faces."""
    url = make_url(new_database("postgresql")).update_query_dict({"options": HASTY})
    shop = Shop(url.render_as_string(hide_password=False), tmp_path, "pgvector")
    one, other = shop.faces(), shop.faces()
    with shop.engine.begin() as builder:
        builder.execute(text("SELECT * FROM face_vectors_state FOR UPDATE"))
        other.enrol(shop.b, NewFace(BINH))  # committed, though the index cannot follow yet
        with pytest.raises(OperationalError) as refused:
            one.search(shop.a, ANN)
    assert trouble(refused.value) == LOCKED
    assert [match.face.person for match in one.search(shop.b, BINH)] == [None]
    shop.close()


def _statements(engine: Engine) -> list[str]:
    """Those from now on that wait for locks without end, or build the table."""
    seen: list[str] = []

    def see(_: object, __: object, statement: str, *___: object) -> None:
        if "lock_timeout = 0" in statement or statement.startswith("DROP TABLE"):
            seen.append(statement)

    event.listen(engine, "before_cursor_execute", see)
    return seen


def test_pgvector_rows_that_do_not_open_are_not_read_anew_with_every_request(
    new_database: Callable[[str], str], tmp_path: Path
) -> None:
    shop = Shop(new_database("postgresql"), tmp_path, "pgvector")
    ann = shop.faces().enrol(shop.a, NewFace(ANN, "kh-1"))
    with shop.engine.begin() as connection:
        connection.execute(text("UPDATE faces SET template = substr(template, 2)"))
        connection.execute(text("DROP TABLE face_vectors, face_vectors_state"))
    faces, seen = shop.faces(), _statements(shop.engine)
    for _ in range(2):
        with pytest.raises(Tampered):
            faces.search(shop.a, ANN)
    assert seen == []
    faces.gallery.delete(shop.a, [ann.id])
    assert faces.search(shop.a, ANN) == []
    assert seen == ["DROP TABLE IF EXISTS face_vectors"]  # and waits no longer than others
    shop.close()


def test_pgvector_is_built_once_and_without_endless_waiting_by_requests(
    new_database: Callable[[str], str], tmp_path: Path
) -> None:
    """After a restore, and where two have found that it does not fit the rows."""
    shop = Shop(new_database("postgresql"), tmp_path, "pgvector")
    faces, other = shop.faces(), shop.faces()
    ann = faces.enrol(shop.a, NewFace(ANN, "kh-1"))
    with shop.engine.begin() as connection:
        connection.execute(text("UPDATE gallery_clock SET lineage = 'restored'"))
    seen = _statements(shop.engine)
    assert [match.face for match in faces.search(shop.a, ANN)] == [ann]
    assert seen == ["DROP TABLE IF EXISTS face_vectors"]
    one, sooner = faces.gallery._projection, [other.gallery._projection]  # type: ignore[attr-defined]

    def see(_: object, __: object, statement: str, *___: object) -> None:
        if "face_vectors_state FOR UPDATE" in statement and sooner:
            sooner.pop().rebuild()

    event.listen(shop.engine, "before_cursor_execute", see)
    one.rebuild()
    assert (sooner, seen) == ([], ["DROP TABLE IF EXISTS face_vectors"] * 2)
    one.rebuild()
    assert len(seen) == 3
    shop.close()


def test_pgvector_is_not_built_again_by_one_that_waited_for_it(
    new_database: Callable[[str], str], tmp_path: Path
) -> None:
    shop = Shop(new_database("postgresql"), tmp_path, "pgvector")
    faces = shop.faces()
    ann = faces.enrol(shop.a, NewFace(ANN, "kh-1"))
    seen, projection = _statements(shop.engine), faces.gallery._projection  # type: ignore[attr-defined]
    with ThreadPoolExecutor() as threads, shop.engine.begin() as builder:
        projection._hold(builder)
        other = threads.submit(projection.rebuild)
        until = time.monotonic() + MOST_SECONDS
        while not builder.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")):
            assert time.monotonic() < until
            time.sleep(0.01)
        projection._build(builder)
        builder.commit()
        other.result()
    assert seen == ["DROP TABLE IF EXISTS face_vectors"]
    assert [match.face for match in faces.search(shop.a, ANN)] == [ann]
    shop.close()


def test_pgvector_is_not_destroyed_by_a_service_that_runs_on_the_wrong_pack(
    new_database: Callable[[str], str], tmp_path: Path
) -> None:
    shop = Shop(new_database("postgresql"), tmp_path, "pgvector")
    ours = shop.faces()
    ours.enrol(shop.a, NewFace(ANN, "kh-1"))
    ours.enrol(shop.a, NewFace(BINH, "kh-2"))
    wrong, theirs = shop.faces(THEIRS), FaceTemplate(ANN.vector, THEIRS.id)
    assert len(ours.search(shop.a, ANN)) == 1  # it has no faces: taken back
    seen = _statements(shop.engine)
    for place in (shop.a, shop.b):
        with pytest.raises(OtherRecogniser, match="reembed"):
            wrong.search(place, theirs)
        with pytest.raises(OtherRecogniser):
            wrong.enrol(place, NewFace(theirs, "kh-3"))
    assert wrong.gallery.delete_person(shop.a, "kh-1") == 1  # done, so acknowledged
    assert (ours.search(shop.a, ANN), len(ours.search(shop.a, BINH))) == ([], 1)
    assert seen == []
    wrong.gallery.delete_collection(shop.a)
    assert wrong.search(shop.b, theirs) == []
    shop.close()


def test_pgvector_of_two_recognisers_on_one_database_passes_over_nobody(
    new_database: Callable[[str], str], tmp_path: Path
) -> None:
    shop = Shop(new_database("postgresql"), tmp_path, "pgvector")
    ours = shop.faces()
    ann = ours.enrol(shop.a, NewFace(ANN, "kh-1"))
    shop.faces(THEIRS)  # makes the table anew, with templates of its own recogniser: none
    with pytest.raises(FaceExists):
        ours.enrol(shop.a, NewFace(ANN, "kh-2"))
    meanwhile = [THEIRS]

    def see(_: object, __: object, statement: str, *___: object) -> None:
        if "pg_class" in statement and meanwhile:
            shop.faces(meanwhile.pop())

    event.listen(shop.engine, "before_cursor_execute", see)
    with pytest.raises(Internal):
        ours.search(shop.a, ANN)
    assert [match.face for match in ours.search(shop.a, ANN)] == [ann]
    shop.close()


def test_pgvector_is_brought_up_to_date_also_for_whoever_has_given_up(
    new_database: Callable[[str], str], tmp_path: Path
) -> None:
    """Or a table that takes longer to build than a request may take would never be built."""
    shop = Shop(new_database("postgresql"), tmp_path, "pgvector")
    one, other = shop.faces(), shop.faces()
    other.enrol(shop.a, NewFace(ANN, "kh-1"))
    with shop.engine.begin() as connection:
        connection.execute(text("UPDATE face_vectors_state SET lineage = 'another'"))
    wanted = Wanted()
    wanted.give_up()
    before = WANTED.set(wanted)
    try:
        with pytest.raises(NotWanted):
            one.search(shop.a, ANN)
    finally:
        WANTED.reset(before)
    with shop.engine.connect() as connection:
        built = connection.scalar(text("SELECT lineage FROM face_vectors_state"))
    assert built != "another"
    shop.close()


def test_pgvector_searched_for_an_enrolment_does_not_keep_it_from_being_given_up(
    new_database: Callable[[str], str], tmp_path: Path
) -> None:
    shop = Shop(new_database("postgresql"), tmp_path, "pgvector")
    faces, wanted = shop.faces(), Wanted()
    faces.enrol(shop.a, NewFace(ANN, "kh-1"))
    given_up = []

    def see(_: object, __: object, statement: str, *___: object) -> None:
        if statement.startswith("INSERT INTO faces "):
            given_up.append(wanted.give_up())

    event.listen(shop.engine, "before_cursor_execute", see)
    before = WANTED.set(wanted)
    try:
        with pytest.raises(NotWanted):
            faces.enrol(shop.a, NewFace(BINH, "kh-2"))
    finally:
        WANTED.reset(before)
    assert given_up == [True]
    assert faces.search(shop.a, BINH) == []
    shop.close()


def test_pgvector_is_off_unless_asked_for_and_needs_its_database(shop: Shop) -> None:
    assert Settings().index == "memory"
    if shop.engine.dialect.name == "sqlite":
        asked = shop.settings.model_copy(update={"index": "pgvector"})
        with pytest.raises(ValueError, match="needs a PostgreSQL"):
            open_gallery(asked, shop.engine, OURS)
