"""What is done to enrolled people is written down, and whoever alters the record is noticed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DatabaseError

from app.clients import Clients
from app.commands import audit as command
from app.settings import Settings
from app.store.audit import Audit, ChainBroken, Head
from app.store.cipher import Keys
from app.store.database import open_database
from app.store.keys import open_cipher, write_keys
from app.store.opening import open_gallery
from models.types import FaceTemplate
from pipelines.errors import FaceExists
from pipelines.search_faces import NewFace, Place, SearchFaces
from tests.fakes import RECOGNISER, Seen, vector_of

PLACE = Place(1)
HOLDER = FaceTemplate(vector_of(Seen.HOLDER), RECOGNISER.id)
STRANGER = FaceTemplate(vector_of(Seen.STRANGER), RECOGNISER.id)


class Shop:
    def __init__(self, url: str, folder: Path) -> None:
        (folder / "keys").write_text(write_keys(Keys.new()))
        self.settings = Settings(
            database_url=url, keys_file=folder / "keys", index_file=folder / "index", threads=1
        )
        self.engine: Engine = open_database(url)
        Clients(self.engine).add("bank")
        self.audit = Audit(self.engine, open_cipher(self.settings, self.engine))
        self.gallery = open_gallery(self.settings, self.engine, RECOGNISER)
        self.faces = SearchFaces(self.gallery, RECOGNISER)

    def rows(self) -> list[tuple[str, int | None, str]]:
        with self.engine.connect() as connection:
            found = connection.execute(
                text("SELECT act, client_id, rows FROM audit ORDER BY number")
            )
            return [(row.act, row.client_id, row.rows) for row in found]

    def tamper(self, *statements: str) -> None:
        """As somebody would who may do anything with the database, but has no keys."""
        off = {
            "sqlite": ["DROP TRIGGER audit_refuses_update", "DROP TRIGGER audit_refuses_delete"],
            "postgresql": ["DROP TRIGGER audit_refuses ON audit"],
        }
        self.execute(*off[self.engine.dialect.name], *statements)

    def execute(self, *statements: str) -> None:
        with self.engine.begin() as connection:
            for statement in statements:
                connection.execute(text(statement))


@pytest.fixture(params=["sqlite", "postgresql"])
def shop(
    request: pytest.FixtureRequest, new_database: Callable[[str], str], tmp_path: Path
) -> Iterator[Shop]:
    made = Shop(new_database(request.param), tmp_path)
    yield made
    made.gallery.close()
    made.engine.dispose()


def test_what_is_done_is_written_down_with_opaque_ids_only(shop: Shop) -> None:
    ann = shop.faces.enrol(PLACE, NewFace(HOLDER, "079188012345", {"name": "Ánh"}))
    with pytest.raises(FaceExists):
        shop.faces.enrol(PLACE, NewFace(HOLDER, "kh-2"))
    binh = shop.faces.enrol(PLACE, NewFace(STRANGER, "kh-3"))
    shop.faces.search(PLACE, HOLDER, limit=1)
    shop.faces.verify(PLACE, "kh-3", STRANGER)
    shop.faces.set_metadata(PLACE, binh.id, {"a": 1})
    pressed = shop.gallery.add_fingerprint(PLACE, "kh-3", "thumb", b"png")
    shop.gallery.delete(PLACE, [ann.id])
    shop.gallery.delete_person(PLACE, "kh-3")
    shop.gallery.delete_collection(PLACE)
    rows = shop.rows()
    assert [row for row in rows if row[0] != "search"] == [
        ("enrol", 1, f"{ann.id}"),
        ("refuse", 1, f"{ann.id}"),
        ("enrol", 1, f"{binh.id}"),
        ("verify", 1, f"{binh.id}"),
        ("edit", 1, f"{binh.id}"),
        ("add fingerprint", 1, f"{pressed.id}"),
        ("delete", 1, f"{ann.id}"),
        ("delete person", 1, f"{binh.id},{pressed.id}"),
        ("delete collection", 1, ""),
    ]
    assert [row for row in rows if row[0] == "search"] == [("search", 1, f"{ann.id}")]
    assert shop.audit.verify().number == 10


def test_an_act_that_fails_leaves_no_row(shop: Shop) -> None:
    with pytest.raises(ZeroDivisionError):
        shop.gallery.add(PLACE, NewFace(HOLDER), check=lambda _: 1 / 0)
    assert shop.rows() == []


def test_the_database_refuses_to_change_or_remove_rows(shop: Shop) -> None:
    shop.faces.enrol(PLACE, NewFace(HOLDER))
    for statement in ("UPDATE audit SET rows = ''", "DELETE FROM audit"):
        with pytest.raises(DatabaseError, match="only ever added to"), shop.engine.begin() as c:
            c.execute(text(statement))


COPY = (
    "INSERT INTO audit SELECT {number}, at, act, client_id, collection_id, rows, link"
    " FROM audit WHERE number = 2"
)


DAMAGES = [
    (["UPDATE audit SET act = 'search' WHERE number = 2"], 2, "changed"),
    (["UPDATE audit SET client_id = NULL WHERE number = 3"], 3, "changed"),
    (["UPDATE audit SET at = '2026-01-01 00:00:00' WHERE number = 1"], 1, "changed"),
    (["DELETE FROM audit WHERE number = 2"], 2, "missing"),
    (["DELETE FROM audit WHERE number = 4"], 4, "missing"),
    ([COPY.format(number=5)], 5, "put in"),
    ([COPY.format(number=0)], 0, "put in"),
    (
        [
            "UPDATE audit SET number = -number WHERE number > 2",
            "UPDATE audit SET number = 1 - number WHERE number < 0",
            COPY.format(number=3),
            "UPDATE audit_head SET number = 5",
        ],
        3,
        "put in",
    ),
    (["DELETE FROM audit WHERE number = 4", "UPDATE audit_head SET number = 3"], 3, "left at"),
]


def test_an_altered_record_is_noticed_and_the_first_bad_row_told(shop: Shop) -> None:
    for number in range(4):
        shop.faces.enrol(PLACE, NewFace(HOLDER, metadata={"n": number}))
    assert shop.audit.verify().number == 4
    shop.tamper("CREATE TABLE kept AS SELECT * FROM audit")
    for statements, row, why in DAMAGES:
        shop.execute(*statements)
        with pytest.raises(ChainBroken, match=why) as broken:
            shop.audit.verify()
        assert broken.value.number == row, statements
        shop.execute(
            "DELETE FROM audit",
            "INSERT INTO audit SELECT * FROM kept",
            "UPDATE audit_head SET number = 4",
        )
    assert shop.audit.verify().number == 4


def test_rows_cut_off_the_end_are_noticed_by_a_head_noted_before(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "read_settings", lambda: shop.settings)
    for _ in range(3):
        shop.faces.enrol(PLACE, NewFace(HOLDER))
    noted = shop.audit.verify()
    assert command.main(["verify", "--anchor", str(noted)]) == 0
    assert str(noted) in capsys.readouterr().out
    shop.tamper(
        "UPDATE audit_head SET number = 2, link = (SELECT link FROM audit WHERE number = 2)",
        "DELETE FROM audit WHERE number = 3",
    )
    assert shop.audit.verify().number == 2
    assert command.main(["verify", "--anchor", str(noted)]) == 1
    assert "BROKEN at row 3" in capsys.readouterr().out
    shop.faces.enrol(PLACE, NewFace(HOLDER))
    with pytest.raises(ChainBroken, match="row 3"):
        shop.audit.verify(noted)
    with pytest.raises(ChainBroken):
        shop.audit.verify(Head(1, b"other"))
