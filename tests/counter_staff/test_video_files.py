"""Video files of ours: what is taken for a video, how large, of whom, under which name."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx
import pytest

from server.counter_staff import videos
from server.counter_staff.tables import StaffTrainingKind, TrainingVideo
from server.refusals import Refused
from server.roles import Role
from tests import factories
from tests.classes.staff_cast import Staff
from tests.databases import Database

ICT = Staff(sees_all_sections=True)
MP4 = b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isommp41" + bytes(range(256)) * 4000
WEBM = b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x84webm" + b"\x00" * 5000


@pytest.mark.parametrize("brand", [b"isom", b"iso5", b"mp42", b"avc1", b"dash", b"M4V "])
def test_a_film_is_known_by_its_brand(brand: bytes) -> None:
    assert videos.media_type(MP4.replace(b"isom", brand, 1)[:64]) == "video/mp4"


@pytest.mark.engine("sqlite")
async def test_too_large_is_refused_in_plain_words(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(videos, "folder", lambda: tmp_path / "videos")
    monkeypatch.setattr(videos, "MOST_BYTES", 2 * 1024 * 1024)

    with pytest.raises(Refused, match="too large: 2 MB") as refused:
        async with videos.receiving() as draft:
            await draft.write(WEBM)
            for _ in range(100):
                await draft.write(b"\x00" * 64 * 1024)

    assert refused.value.values == {"number": 2}
    assert list((tmp_path / "videos").iterdir()) == []


@pytest.mark.engine("sqlite")
async def test_too_large_is_said_on_the_page_and_leaves_nothing(
    database: Database,
    client_as: Callable[..., Awaitable[httpx.AsyncClient]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(videos, "folder", lambda: tmp_path / "videos")
    monkeypatch.setattr(videos, "MOST_BYTES", 1024 * 1024)
    training = await factories.make_staff_training(kind=StaffTrainingKind.video, address="")
    client = await client_as(Role.coordinator)

    answer = await client.post(
        f"/staff/trainings/{training.id}/video", files={"video": ("a.mp4", MP4 * 2)}
    )

    assert answer.status_code == 422
    assert "この動画は大きすぎます（1MBまで）" in answer.text
    assert list((tmp_path / "videos").iterdir()) == []


@pytest.mark.engine("sqlite")
async def test_only_a_video_training_of_ours_takes_one_and_only_from_who_keeps_it(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(videos, "folder", lambda: tmp_path / "videos")
    elsewhere = await factories.make_staff_training()
    ours = await factories.make_staff_training(kind=StaffTrainingKind.video, address="")

    for training, by in ((elsewhere, ICT), (ours, Staff(section_id=5))):
        with pytest.raises(Refused):
            async with videos.receiving() as draft:
                await draft.write(WEBM)
                await videos.keep(training.id, draft, "a.webm", by=by)
    async with videos.receiving() as draft:
        await draft.write(WEBM)
        kept = await videos.keep(ours.id, draft, "../../a.webm", by=ICT)

    assert (kept["file_name"], kept["size"]) == ("a.webm", len(WEBM))
    assert [each.name for each in (tmp_path / "videos").iterdir()] == [kept["digest"]]
    assert await TrainingVideo.count() == 1


async def test_a_file_name_is_kept_without_what_no_database_takes(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(videos, "folder", lambda: tmp_path / "videos")
    ours = await factories.make_staff_training(kind=StaffTrainingKind.video, address="")
    async with videos.receiving() as draft:
        await draft.write(WEBM)
        kept = await videos.keep(ours.id, draft, "動\x00画.webm", by=ICT)

    assert kept["file_name"] == "動画.webm"
