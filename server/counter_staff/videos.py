"""Video files of trainings: taken in piece by piece, kept in a folder under their digest."""

import asyncio
import hashlib
import os
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from server import clock
from server.audit import entries
from server.counter_staff import staff_trainings
from server.counter_staff.tables import StaffTrainingKind, TrainingVideo
from server.database import locked, writing
from server.refusals import N_, Refused
from server.roles import Actor
from server.settings import settings
from server.text import typed

Row = dict[str, Any]

MOST_BYTES = 500 * 1024 * 1024
AT_ONCE = 1024 * 1024  # bytes gathered before they are written
TOLD_BY = 64  # bytes at the beginning that say what a file is
MP4_BRANDS = (
    b"isom",
    b"iso2",
    b"iso4",
    b"iso5",
    b"iso6",
    b"mp41",
    b"mp42",
    b"avc1",
    b"dash",
    b"M4V ",
)
DRAFT = ".draft-"
LEFT_BEHIND = 24 * 3600  # seconds after which a draft is nobody's any more
TOO_LARGE = N_("This video is too large: {number} MB at most. Please save it smaller.")
NO_VIDEO = N_("This file is no video that browsers play. Please choose an MP4 or WebM file.")


class Draft:
    """A file that is arriving; it is gone again unless `keep` has taken it."""

    def __init__(self, path: Path, file: Any) -> None:
        """Wait for the first bytes."""
        self.path = path
        self.file = file
        self.size = 0
        self.digest = hashlib.sha256()
        self.media_type = ""
        self.waiting = bytearray()

    async def write(self, chunk: bytes) -> None:
        """Take the next bytes. Refused once it is too large, or seen to be no video."""
        self.size += len(chunk)
        if self.size > MOST_BYTES:
            raise Refused(TOO_LARGE, number=MOST_BYTES // 1024 // 1024)
        self.waiting += chunk
        if not self.media_type and len(self.waiting) >= TOLD_BY:
            self._look()
        if len(self.waiting) >= AT_ONCE:
            await asyncio.to_thread(self._flush)

    async def finish(self) -> None:
        """There is no more: have all of it on the disk. Refused for what is no video."""
        if not self.media_type:
            self._look()
        await asyncio.to_thread(self._settle)

    def _look(self) -> None:
        self.media_type = media_type(bytes(self.waiting[:TOLD_BY]))

    def _flush(self) -> None:
        self.digest.update(self.waiting)
        self.file.write(self.waiting)
        self.waiting.clear()

    def _settle(self) -> None:
        self._flush()
        self.file.flush()
        os.fsync(self.file.fileno())


def media_type(begins: bytes) -> str:
    """The type of a video by its first bytes, whatever its name says; Refused for any other.

    MP4: ISO/IEC 14496-12 §4.3, a box `ftyp` comes first, with a major brand of a film: pictures
    (HEIC, AVIF) and sound (M4A) have the same box. WebM: RFC 8794 §11.2.1 and the WebM guidelines,
    an EBML header with the document type webm.
    """
    if begins[4:8] == b"ftyp" and begins[8:12] in MP4_BRANDS:
        return "video/mp4"
    if begins.startswith(b"\x1a\x45\xdf\xa3") and b"webm" in begins:
        return "video/webm"
    raise Refused(NO_VIDEO)


def folder() -> Path:
    """Where the files lie."""
    return settings().var_dir / "videos"


def path_of(video: Row) -> Path:
    """The file of a video."""
    return folder() / str(video["digest"])


@asynccontextmanager
async def receiving() -> AsyncIterator[Draft]:
    """A draft to write into; whatever happens, nothing of it is left unless it was kept."""
    handle, path = _begin()
    try:
        with os.fdopen(handle, "wb") as file:
            yield Draft(path, file)
    finally:
        _remove(path)


def _begin() -> tuple[int, Path]:
    folder().mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=folder(), prefix=DRAFT)  # 0600
    return handle, Path(name)


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)


async def keep(training_id: int, draft: Draft, file_name: str, *, by: Actor) -> Row:
    """Let a whole draft be the video of a training, in place of one before; returns its row.

    The same file again changes nothing. Refused for a training that is no video of ours, and for
    whoever may not change it. The file is on the disk before the row says so (P4).
    """
    await draft.finish()
    async with writing():
        await locked("videos")
        training = await check_may_keep(training_id, by)
        before = await of(training_id)
        digest = draft.digest.hexdigest()
        if before is not None and before["digest"] == digest and path_of(before).exists():
            return before
        if before is not None:
            await _void(before["id"])
        row = TrainingVideo(
            training=training["id"],
            file_name=Path(typed(file_name)).name[-200:],
            media_type=draft.media_type,
            size=draft.size,
            digest=digest,
            recorded_at=clock.now(),
            recorded_by=by.id,
        )
        [kept] = await TrainingVideo.insert(row).returning(*TrainingVideo.all_columns())
        await entries.record(
            "training_video.kept", "staff_training", training_id, by=by, digest=digest
        )
        await asyncio.to_thread(_put_in_place, draft.path, path_of(kept))
    await _sweep()
    return kept


async def remove(training_id: int, *, by: Actor) -> None:
    """Take the video of a training out. Done twice, it does nothing."""
    async with writing():
        await locked("videos")
        await check_may_keep(training_id, by)
        row = await of(training_id)
        if row is not None:
            await _void(row["id"])
            await entries.record("training_video.removed", "staff_training", training_id, by=by)
    await _sweep()


async def of(training_id: int) -> Row | None:
    """The video of a training, if it has one."""
    row: Row | None = await (
        TrainingVideo.select()
        .where((TrainingVideo.training == training_id) & TrainingVideo.voided_at.is_null())
        .first()
    )
    return row


async def check_may_keep(training_id: int, by: Actor) -> Row:
    """The training, for whoever may put a video there; Refused for others and other kinds."""
    training = await staff_trainings.known(training_id)
    await staff_trainings.check_may_manage(training["course"], by)
    if training["kind"] != StaffTrainingKind.video:
        raise Refused("This training is not taken by a video of ours.")
    return training


async def _void(video_id: int) -> None:
    await TrainingVideo.update({TrainingVideo.voided_at: clock.now()}).where(
        TrainingVideo.id == video_id
    )


def _put_in_place(draft: Path, path: Path) -> None:
    draft.replace(path)
    handle = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


async def _sweep() -> None:
    """Remove files that no training shows any more, and drafts of a process that was killed."""
    async with writing():
        await locked("videos")
        rows = await TrainingVideo.select(TrainingVideo.digest).where(
            TrainingVideo.voided_at.is_null()
        )
        await asyncio.to_thread(_remove_others, {row["digest"] for row in rows})


def _remove_others(shown: set[str]) -> None:
    for path in folder().glob("*"):
        draft = path.name.startswith(DRAFT)
        old = draft and time.time() - path.stat().st_mtime > LEFT_BEHIND
        if old or (not draft and path.name not in shown):
            path.unlink(missing_ok=True)
