"""A challenge over HTTP: answered once, in time, in the order asked and by the client it was given to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import cv2
import pytest
import requests
from sqlalchemy import update

from app.store.challenges import SECONDS
from app.store.tables import ChallengeRow
from models.types import Image
from pipelines.check_liveness import CheckLiveness
from pipelines.compare_faces import CompareFaces
from pipelines.liveness import Capture, Check, Finding, LivenessDecision
from pipelines.types import Outcome
from tests import heads
from tests.fakes import FakeCheckLiveness, Seen, picture, runtime
from tests.live import Live, live

HOLDER = picture(Seen.HOLDER)
REFUSED = {"data": None, "errorCode": "7", "errorMessage": "Invalid nonce"}


def issue(service: Live) -> dict[str, Any]:
    url = service.url + "/api/v2/ekyc/challenge"
    return dict(requests.post(url, auth=service.basic, timeout=20).json()["data"])


def answer(service: Live, nonce: str, portraits: Sequence[bytes] = (HOLDER,) * 4) -> dict[str, Any]:
    response = requests.post(
        service.url + "/api/v2/ekyc/verify_challenge",
        auth=service.basic,
        data={"nonce": nonce},
        files={f"portrait_{place}": one for place, one in enumerate(portraits, start=1)},
        timeout=20,
    )
    assert response.status_code == 200
    return dict(response.json())


def used(service: Live) -> int:
    mine = (c for c in service.clients.listing() if service.credentials.key in c.keys)
    return next(mine).used


def test_what_is_asked(fresh: Live) -> None:
    asked = issue(fresh)
    assert set(asked["poses"]) == {"left", "mid", "right"}
    assert len(asked["poses"]) == 4
    left = datetime.fromisoformat(asked["expires"]) - datetime.now(UTC)
    assert SECONDS - 20 < left.total_seconds() <= SECONDS


def test_answered_once(fresh: Live) -> None:
    nonce = issue(fresh)["nonce"]
    told = answer(fresh, nonce)
    assert (told["errorCode"], told["data"]["valid"], told["data"]["reasons"]) == ("0", "True", [])
    assert answer(fresh, nonce) == REFUSED
    assert used(fresh) == 2  # the challenge and its one answer


def test_of_many_answers_at_once_one_is_judged(fresh: Live) -> None:
    nonce = issue(fresh)["nonce"]
    with ThreadPoolExecutor(8) as many:
        codes = [told["errorCode"] for told in many.map(lambda _: answer(fresh, nonce), range(8))]
    assert sorted(codes) == ["0"] + ["7"] * 7


def test_a_refusal_says_no_more_than_that(fresh: Live) -> None:
    """Another client's, one too late and one nobody issued are told alike; the first is still good for its own client."""
    other = replace(fresh, credentials=fresh.clients.add(f"{fresh.credentials.key}-other"))
    asked = issue(fresh)["nonce"]
    late = issue(fresh)["nonce"]
    row = update(ChallengeRow).where(ChallengeRow.nonce == late)
    with fresh.inside.engine.begin() as connection:
        connection.execute(row.values(expires=datetime(2026, 1, 1)))
    refusals = [
        answer(other, asked),
        answer(fresh, late),
        *(answer(fresh, made_up) for made_up in ("", "x", "x" * 5000, "' OR 1=1 --")),
    ]
    assert refusals == [REFUSED] * len(refusals)
    assert answer(fresh, "\0")["errorCode"] == "3"  # no text at all, as on every route
    assert answer(fresh, asked)["data"]["valid"] == "True"


def test_an_answer_that_is_not_whole_spends_nothing(fresh: Live) -> None:
    nonce = issue(fresh)["nonce"]
    assert answer(fresh, nonce, [HOLDER] * 3)["errorCode"] == "1"
    assert answer(fresh, nonce)["errorCode"] == "0"


def test_reasons_one_by_one(fresh: Live) -> None:
    asked = issue(fresh)
    portraits = [HOLDER] * 4
    portraits[1], portraits[2] = picture(Seen.STRANGER), picture(Seen.TABLE)
    data = answer(fresh, asked["nonce"], portraits)["data"]
    assert data["valid"] == "False"
    assert [(one["image"], one["check"]) for one in data["reasons"]] == [
        ("portrait_2", "person"),
        ("portrait_3", "face"),
    ]
    first = {"mid": "1", "left": "2", "right": "3"}[asked["poses"][2]]
    assert data["invalidCode"] == first
    assert data["matching"] == ["93.12", "12.00", "0.00", "93.12"]


class Silent:
    """A judge of spoofing that can say nothing of one capture."""

    def __call__(
        self, captures: Sequence[Capture], *, card: Image | None = None
    ) -> LivenessDecision:
        told = FakeCheckLiveness()(captures, card=card)
        silent = Finding(Check.PASSIVE, captures[1].where, Outcome.NOT_ASSESSED)
        return replace(told, live=False, findings=(*told.findings, silent))


def test_what_cannot_be_judged_accuses_nobody(tmp_path: Path) -> None:
    with live(tmp_path, runtime(check_liveness=Silent())) as service:
        (reason,) = answer(service, issue(service)["nonce"])["data"]["reasons"]
        assert (reason["image"], reason["check"]) == ("portrait_2", "passive")
        assert reason["message"].startswith("Not to be judged")
        files = {"img_cmt": picture(Seen.CHIP_FRONT)}
        files |= dict.fromkeys(("left", "mid", "right"), HOLDER)
        url = service.url + "/backend/api/v1/request/face_matching/matchingliveness"
        told = requests.post(url, auth=service.basic, files=files, timeout=20).json()["data"]
        assert told["valid"] == "False"
        assert told["errors"].startswith("Ảnh chính diện: không đánh giá được")


@pytest.fixture(scope="module")
def judging(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """With real liveness, over faces that travel inside libraries."""
    models, watcher = heads.models(), heads.watcher()
    compare = CompareFaces(models.finder, models.embedder, watcher.calibration)
    made = runtime(check_liveness=CheckLiveness(watcher, compare))
    folder: Path = tmp_path_factory.mktemp("judging")
    with live(folder, made, deadline_seconds=60.0) as service:
        yield service


DEGREES = {"left": 22.0, "mid": 0.0, "right": -22.0}


def shown(poses: Sequence[str]) -> list[bytes]:
    """Photographs of one sitting; of a pose asked again another one."""
    taken = [DEGREES[pose] + (5.0 if pose in poses[:i] else 0.0) for i, pose in enumerate(poses)]
    return [_png(heads.customer_turned(degrees)) for degrees in taken]


def _png(image: Image) -> bytes:
    return cv2.imencode(".png", image.pixels)[1].tobytes()


def test_the_order_that_was_asked(judging: Live) -> None:
    asked = issue(judging)
    data = answer(judging, asked["nonce"], shown(asked["poses"]))["data"]
    assert (data["valid"], data["invalidCode"], data["reasons"]) == ("True", "0", [])


def test_another_order(judging: Live) -> None:
    asked = issue(judging)
    portraits = shown(asked["poses"])
    data = answer(judging, asked["nonce"], [*portraits[1:], portraits[0]])["data"]
    assert data["valid"] == "False"
    assert data["invalidCode"] in ("6", "7", "8")
    assert "pose" in {one["check"] for one in data["reasons"]}
