"""A process that enrols and forgets faces until it is killed, and what must be true of the rows after that.

`python -m tests.killed URL FOLDER SEED` acknowledges on standard output, one line each: `enrolled ID SEED`, `deleting ID`,
`deleted ID`.
"""

from __future__ import annotations

import itertools
import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from app.settings import Settings
from app.store.audit import Audit
from app.store.database import open_database
from app.store.keys import open_cipher
from app.store.opening import open_gallery
from models.types import FaceTemplate
from pipelines.search_faces import NewFace, Place
from tests.fakes import RECOGNISER

ROOT = Path(__file__).parents[1]
PLACE = Place(1)
DIMENSION = 32
ACTS_PER_OPENING = 15
"""Then the gallery closes, which saves its index, and opens again: kills meet that too."""
MOST_ACTS = 40
MOST_SECONDS = 0.05


def template(seed: int) -> FaceTemplate:
    vector = np.random.default_rng(seed).standard_normal(DIMENSION)
    return FaceTemplate((vector / np.linalg.norm(vector)).astype(np.float32), RECOGNISER.id)


def settings(url: str, folder: Path) -> Settings:
    return Settings(
        database_url=url, keys_file=folder / "keys", index_file=folder / "index", threads=1
    )


@dataclass
class Ledger:
    """What was acknowledged, over all rounds. `perhaps`: a deletion was asked for and not acknowledged."""

    kept: dict[int, int] = field(default_factory=dict)
    gone: dict[int, int] = field(default_factory=dict)
    perhaps: set[int] = field(default_factory=set)
    _fresh: set[int] = field(default_factory=set)
    """Heard of since the last check."""

    def hear(self, line: str) -> None:
        match line.split():
            case ["enrolled", face, seed]:
                self.kept[int(face)] = int(seed)
                self._fresh.add(int(face))
            case ["deleting", face]:
                self.perhaps.add(int(face))
            case ["deleted", face]:
                self.perhaps.discard(int(face))
                self.gone[int(face)] = self.kept.pop(int(face))
                self._fresh.add(int(face))

    def check(self, url: str, folder: Path, *, all_of_them: bool = True) -> None:
        """Every row; and each search, or only those for what was heard of since the last check."""
        engine = open_database(url)
        gallery = open_gallery(settings(url, folder), engine, RECOGNISER)
        try:
            rows = {face.id for face in gallery.faces(PLACE)}
            lost = set(self.kept) - self.perhaps - rows
            assert not lost, f"acknowledged and lost: {lost}"
            assert not rows & set(self.gone), "deleted and back"
            known = self.kept | self.gone
            for face in known if all_of_them else self._fresh & known.keys():
                seed = known[face]
                found = [hit.face.id for hit in gallery.nearest(PLACE, template(seed), 1)]
                assert (found == [face]) == (face in rows), f"the index does not fit row {face}"
            Audit(engine, open_cipher(settings(url, folder), engine)).verify()
            # Settled: what is here stays, what is not stays away.
            for face in self.perhaps - rows:
                self.gone[face] = self.kept.pop(face)
            self.perhaps.clear()
            self._fresh.clear()
        finally:
            gallery.close()
            engine.dispose()


def kill_rounds(url: str, folder: Path, rounds: int) -> Ledger:
    """Start, kill -9 at some moment, check the rows and the index; so many times."""
    ledger, chance = Ledger(), random.Random(7)
    for number in range(rounds):
        command = [sys.executable, "-m", "tests.killed", url, str(folder), str(number)]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as child:
            assert child.stdout is not None
            for line in itertools.islice(child.stdout, chance.randint(1, MOST_ACTS)):
                ledger.hear(line)
            time.sleep(chance.uniform(0, MOST_SECONDS))
            child.send_signal(signal.SIGKILL)
            for line in child.stdout:
                if line.endswith("\n"):
                    ledger.hear(line)
        assert child.returncode == -signal.SIGKILL, "it ended by itself"
        ledger.check(url, folder)
    return ledger


def _say(*words: object) -> None:
    os.write(1, (" ".join(map(str, words)) + "\n").encode())


def _work(url: str, folder: Path, number: int) -> None:
    engine = open_database(url)
    chance, mine = random.Random(number), []
    seeds = itertools.count(number * 1_000_000)
    while True:
        gallery = open_gallery(settings(url, folder), engine, RECOGNISER)
        for _ in range(ACTS_PER_OPENING):
            if mine and chance.random() < 0.3:
                face = mine.pop(chance.randrange(len(mine)))
                _say("deleting", face)
                gallery.delete(PLACE, [face])
                _say("deleted", face)
            else:
                seed = next(seeds)
                face = gallery.add(PLACE, NewFace(template(seed), f"kh-{seed}")).id
                mine.append(face)
                _say("enrolled", face, seed)
        gallery.close()


if __name__ == "__main__":
    _work(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
