"""Videos of ours: taken in piece by piece, sent in parts, over real HTTP (RFC 9110 §13, §14)."""

import asyncio
import base64
import hashlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest
from playwright.async_api import Browser

from server.counter_staff.tables import StaffTrainingKind
from server.database import close_pool, engine_for, open_pool, use
from server.roles import Role
from tests import factories
from tests.browser import screen
from tests.servers import Server, run_command, serving

MP4 = b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isommp41" + bytes(range(256)) * 4000
WEBM = b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x84webm" + b"\x00" * 5000
MATROSKA = WEBM.replace(b"webm", b"matr")


class Place(NamedTuple):
    """A running server with one training, and where its videos lie."""

    server: Server
    training: int
    folder: Path

    @property
    def page(self) -> str:
        """The page of the training."""
        return f"{self.server.address}/staff/trainings/{self.training}"

    def files(self) -> list[str]:
        """What lies in the folder."""
        return sorted(each.name for each in self.folder.iterdir()) if self.folder.exists() else []


@pytest.fixture(scope="module")
async def place(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Place]:
    folder = tmp_path_factory.mktemp("videos")
    url = f"sqlite:///{folder}/tonari.db"
    await run_command(url, "migrate")
    use(engine_for(url))
    await open_pool()
    training = await factories.make_staff_training(
        kind=StaffTrainingKind.video, address="", name="窓口の動画"
    )
    await factories.make_municipality()
    await factories.make_account(Role.coordinator, login="ict")
    await factories.make_account(Role.venue, login="centre")
    await close_pool()
    async with serving(url, folder / "server.log") as server:
        yield Place(server, training.id, folder / "videos")


@asynccontextmanager
async def signed_in(place: Place, login: str = "ict") -> AsyncIterator[httpx.AsyncClient]:
    address = place.server.address
    async with httpx.AsyncClient(
        base_url=address, headers={"origin": address}, timeout=30
    ) as client:
        words = {"login": login, "password": factories.PASSWORD}
        assert (await client.post("/sign-in", data=words)).status_code == 303
        yield client


async def sent(place: Place, content: bytes, name: str = "movie.mp4") -> httpx.Response:
    async with signed_in(place) as client:
        return await client.post(f"{place.page}/video", files={"video": (name, content)})


async def test_a_video_comes_back_whole_and_in_the_parts_that_are_asked_for(place: Place) -> None:
    assert (await sent(place, MP4)).status_code == 303
    size, path = len(MP4), f"{place.page}/video"
    assert place.files() == [hashlib.sha256(MP4).hexdigest()]
    async with signed_in(place, "centre") as client:
        whole = await client.get(path)
        assert (whole.status_code, whole.content) == (200, MP4)
        assert whole.headers["content-type"] == "video/mp4"
        assert whole.headers["accept-ranges"] == "bytes"
        assert "content-encoding" not in whole.headers

        begin = await client.get(path, headers={"range": "bytes=0-99"})
        assert (begin.status_code, begin.content) == (206, MP4[:100])
        assert begin.headers["content-range"] == f"bytes 0-99/{size}"
        assert begin.headers["content-length"] == "100"
        end = await client.get(path, headers={"range": "bytes=-100"})
        assert (end.status_code, end.content) == (206, MP4[-100:])
        rest = await client.get(path, headers={"range": f"bytes={size - 5}-"})
        assert (rest.status_code, rest.content) == (206, MP4[-5:])

        beyond = await client.get(path, headers={"range": f"bytes={size}-"})
        assert (beyond.status_code, beyond.content) == (416, b"")
        assert beyond.headers["content-range"] == f"bytes */{size}"


async def test_if_range_and_if_none_match_go_by_the_content(place: Place) -> None:
    await sent(place, MP4)
    path = f"{place.page}/video"
    async with signed_in(place) as client:
        tag = (await client.head(path)).headers["etag"]
        part = {"range": "bytes=0-9"}

        same = await client.get(path, headers={**part, "if-range": tag})
        assert (same.status_code, same.content) == (206, MP4[:10])
        for other in ('"another"', f"W/{tag}", "Sat, 21 Nov 2026 01:00:00 GMT"):
            changed = await client.get(path, headers={**part, "if-range": other})
            assert (changed.status_code, len(changed.content)) == (200, len(MP4))
        kept = await client.get(path, headers={"if-none-match": tag})
        assert (kept.status_code, kept.content) == (304, b"")


async def test_head_says_the_same_without_the_bytes(place: Place) -> None:
    await sent(place, WEBM, "動画.webm")
    async with signed_in(place) as client:
        whole = await client.head(f"{place.page}/video")
        part = await client.head(f"{place.page}/video", headers={"range": "bytes=0-9"})

    assert (whole.status_code, whole.headers["content-length"]) == (200, str(len(WEBM)))
    assert whole.headers["content-type"] == "video/webm"
    assert (whole.content, part.content) == (b"", b"")
    assert (part.status_code, part.headers["content-range"]) == (206, f"bytes 0-9/{len(WEBM)}")


async def test_p1_only_the_staff_see_it(place: Place) -> None:
    await sent(place, MP4)
    async with httpx.AsyncClient() as stranger:
        answer = await stranger.get(f"{place.page}/video", headers={"range": "bytes=0-9"})

    assert answer.status_code not in (200, 206)
    assert MP4[:10] not in answer.content


async def test_a_file_that_is_no_video_is_refused_in_plain_words_and_leaves_nothing(
    place: Place,
) -> None:
    await sent(place, MP4)
    before = place.files()
    for content, name in (
        (b"%PDF-1.7" + b"x" * 3_000_000, "movie.mp4"),
        (MATROSKA, "movie.webm"),
        (MP4.replace(b"isom", b"heic"), "photo.mp4"),
        (MP4.replace(b"isom", b"avif", 1), "photo.mp4"),
        (MP4.replace(b"isom", b"M4A ", 1), "sound.mp4"),
        (b"short", "movie.mp4"),
        (b"<script>alert(1)</script>" * 10, "a.mp4"),
    ):
        answer = await sent(place, content, name)
        assert answer.status_code == 422
        assert "MP4" in answer.text
        assert place.files() == before
    async with signed_in(place) as client:
        nothing = await client.post(f"{place.page}/video", data={"video": ""})
        no_file = await client.post(f"{place.page}/video", files={"video": ("", b"")})
    assert (nothing.status_code, no_file.status_code) == (422, 422)
    assert place.files() == before


async def test_an_upload_that_breaks_off_leaves_nothing_and_the_video_before_stays(
    place: Place,
) -> None:
    await sent(place, MP4)
    kept = place.files()
    async with signed_in(place) as client:
        cookie = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    port = int(place.server.address.rsplit(":", 1)[1])
    _reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = (
        f"POST /staff/trainings/{place.training}/video HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\n"
        f"origin: {place.server.address}\r\ncookie: {cookie}\r\n"
        "content-type: multipart/form-data; boundary=b\r\ncontent-length: 9000000\r\n\r\n"
        '--b\r\ncontent-disposition: form-data; name="video"; filename="m.webm"\r\n\r\n'
    )
    writer.write(head.encode() + WEBM + b"\x00" * 2_000_000)
    await writer.drain()
    await _until(lambda: len(place.files()) == len(kept) + 1)  # the draft is there
    writer.close()
    await _until(lambda: place.files() == kept)

    async with signed_in(place) as client:
        assert (await client.get(f"{place.page}/video")).content == MP4


async def test_the_next_video_takes_the_place_of_the_one_before(place: Place) -> None:
    for content in (MP4, MP4, WEBM):
        assert (await sent(place, content)).status_code == 303

    assert place.files() == [hashlib.sha256(WEBM).hexdigest()]
    async with signed_in(place) as client:
        assert (await client.get(f"{place.page}/video")).content == WEBM
        assert (await client.post(f"{place.page}/video/removal")).status_code == 303
        assert (await client.get(f"{place.page}/video")).status_code == 404


async def test_of_two_files_the_first_is_the_video(place: Place) -> None:
    both = [("video", ("first.mp4", MP4)), ("video", ("second.webm", WEBM))]
    async with signed_in(place) as client:
        assert (await client.post(f"{place.page}/video", files=both)).status_code == 303
        assert (await client.get(f"{place.page}/video")).content == MP4


async def test_chromium_plays_it_and_jumps_in_it(place: Place, browser: Browser) -> None:
    made = await _recorded(browser)
    assert (await sent(place, made, "made.webm")).status_code == 303
    async with screen(browser, place.server.address, "desk") as page:
        await page.goto("/sign-in")
        await page.locator("#login").fill("centre")
        await page.locator("#password").fill(factories.PASSWORD)
        await page.locator("#password").press("Enter")
        await page.wait_for_url("**/staff**")
        await page.goto(f"/staff/trainings/{place.training}")
        played = await page.evaluate(
            """async () => {
                const video = document.querySelector("video");
                video.muted = true;
                await video.play();
                while (video.currentTime < 0.2) await new Promise((go) => setTimeout(go, 50));
                video.currentTime = 0;
                await new Promise((go) => video.addEventListener("seeked", go, { once: true }));
                return [video.videoWidth, video.error];
            }"""
        )
        assert played == [64, None]
        parts = await page.evaluate(
            """async () => {
                const answer = await fetch(document.querySelector("video").src,
                    { headers: { range: "bytes=4-7" } });
                return [answer.status, answer.headers.get("content-range")];
            }"""
        )
        assert parts == [206, f"bytes 4-7/{len(made)}"]


async def _recorded(browser: Browser) -> bytes:
    """A second of a moving square, recorded by Chromium itself as WebM."""
    page = await browser.new_page()
    encoded = await page.evaluate(
        """async () => {
            const canvas = document.createElement("canvas");
            canvas.width = canvas.height = 64;
            const context = canvas.getContext("2d");
            let at = 0;
            const moving = setInterval(() => {
                context.fillStyle = `hsl(${at * 9}, 80%, 50%)`;
                context.fillRect(at++ % 64, 0, 32, 64);
            }, 30);
            const recorder = new MediaRecorder(canvas.captureStream(30),
                { mimeType: "video/webm;codecs=vp8" });
            const chunks = [];
            recorder.ondataavailable = (event) => chunks.push(event.data);
            recorder.start();
            await new Promise((go) => setTimeout(go, 1200));
            const stopped = new Promise((go) => { recorder.onstop = go; });
            recorder.stop();
            await stopped;
            clearInterval(moving);
            const bytes = new Uint8Array(await new Blob(chunks).arrayBuffer());
            let text = "";
            for (const byte of bytes) text += String.fromCharCode(byte);
            return btoa(text);
        }"""
    )
    await page.close()
    return base64.b64decode(encoded)


async def _until(is_so: Callable[[], bool]) -> None:
    for _ in range(400):
        if is_so():
            return
        await asyncio.sleep(0.05)
    raise AssertionError("it has not come so")
