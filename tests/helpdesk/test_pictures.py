"""Pictures beside the steps: made anew, and nothing else than pictures (H3)."""

import asyncio
import struct
import zlib
from io import BytesIO
from resource import RUSAGE_SELF, getrusage
from typing import Any

import pytest
from PIL import Image

from server.audit.tables import AuditEntry
from server.helpdesk import articles, pictures
from server.helpdesk.articles import ArticleFacts
from server.helpdesk.tables import ArticlePicture
from server.refusals import Refused
from server.roles import Role
from tests.databases import Database
from tests.factories import make_article, make_section
from tests.helpdesk.answering_cast import actor, picture

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
NO_PICTURE = "This is no picture"
TOO_MANY = "too many points"
GPS, ORIENTATION, MODEL = 0x8825, 0x0112, 0x0110


def bomb(width: int, height: int) -> bytes:
    """A PNG of few bytes that says it is that large."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = zlib.compress(b"\0" * 1000)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in ((b"IHDR", head), (b"IDAT", data), (b"IEND", b""))
    )


def opened(content: bytes) -> Image.Image:
    return Image.open(BytesIO(content))


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", NO_PICTURE),
        (b"no picture at all", NO_PICTURE),
        (SVG, NO_PICTURE),
        (picture("GIF"), NO_PICTURE),
        (picture("BMP"), NO_PICTURE),
        (picture("TIFF"), NO_PICTURE),
        (picture()[:60], NO_PICTURE),
        (picture("JPEG", (400, 400))[:500], NO_PICTURE),
        (picture("WEBP")[:40], NO_PICTURE),
        (b"\xff\xd8\xff\xe0" + b"\0" * 300, NO_PICTURE),
        (b"\x89PNG\r\n\x1a\n" + SVG, NO_PICTURE),
        (bomb(100_000, 100_000), TOO_MANY),
        (bomb(4_000, 3_001), TOO_MANY),
        (bomb(0, 10), NO_PICTURE),
        (picture() + b"\0" * (5 * 1024 * 1024), "5 MB at most"),
    ],
)
async def test_what_is_no_picture_is_refused(content: bytes, why: str) -> None:
    with pytest.raises(Refused, match=why):
        await pictures.make(content)


def swollen(width: int, height: int) -> bytes:
    """A small WebP whose head says that it is that large: 14 bits each, less one."""
    small = bytearray(picture("WEBP", lossless=True))
    assert small[12:16] == b"VP8L"
    (head,) = struct.unpack_from("<I", small, 21)
    said = (head >> 28 << 28) | (height - 1) << 14 | (width - 1)
    struct.pack_into("<I", small, 21, said)
    return bytes(small)


async def test_what_would_unpack_to_much_is_refused_before_it_is_unpacked() -> None:
    before = getrusage(RUSAGE_SELF).ru_maxrss  # kB, on Linux

    with pytest.raises(Refused, match=TOO_MANY):
        await pictures.make(swollen(16_000, 16_000))

    assert getrusage(RUSAGE_SELF).ru_maxrss - before < 50_000


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
async def test_a_picture_is_made_anew_as_jpeg_without_what_else_it_tells(kind: str) -> None:
    told = Image.Exif()
    told[MODEL] = "Neighbour's phone"
    told[GPS] = {1: "N", 2: (34.0, 57.0, 54.0), 3: "E", 4: (136.0, 37.0, 26.0)}
    sent = picture(kind, (80, 40), exif=told)
    assert b"Neighbour" in sent

    made, width, height = await pictures.make(sent + b"<script>alert(1)</script>")

    assert (width, height) == (80, 40)
    assert opened(made).format == "JPEG"
    assert dict(opened(made).getexif()) == {}
    assert set(opened(made).info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    assert b"Neighbour" not in made
    assert b"script" not in made


async def test_a_picture_taken_upright_stays_upright() -> None:
    turned = Image.Exif()
    turned[ORIENTATION] = 6

    made, width, height = await pictures.make(picture("JPEG", (80, 40), exif=turned))

    assert (width, height) == (40, 80)
    assert opened(made).size == (40, 80)


@pytest.mark.parametrize(
    ("size", "becomes"),
    [((2400, 1200), (1200, 600)), ((300, 4800), (150, 2400)), ((1200, 10), (1200, 10))],
)
async def test_a_picture_is_at_most_1200_wide(
    size: tuple[int, int], becomes: tuple[int, int]
) -> None:
    _, width, height = await pictures.make(picture("PNG", size))

    assert (width, height) == becomes


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I;16"])
async def test_every_kind_of_colour_is_read(mode: str) -> None:
    out = BytesIO()
    Image.new(mode, (30, 20)).save(out, "JPEG" if mode == "CMYK" else "PNG")

    _, width, height = await pictures.make(out.getvalue())

    assert (width, height) == (30, 20)


async def test_what_is_seen_through_becomes_white() -> None:
    out = BytesIO()
    Image.new("RGBA", (30, 20), (0, 0, 0, 0)).save(out, "PNG")

    made, _, _ = await pictures.make(out.getvalue())

    assert opened(made).getpixel((5, 5)) == (255, 255, 255)


async def test_the_first_of_a_moving_picture_is_kept() -> None:
    out = BytesIO()
    frames = [Image.new("RGB", (30, 20), colour) for colour in ("white", "black")]
    frames[0].save(out, "WEBP", save_all=True, append_images=frames[1:], lossless=True)

    made, _, _ = await pictures.make(out.getvalue())

    assert opened(made).getpixel((5, 5)) == (255, 255, 255)


async def test_many_at_once_are_made_one_after_the_other() -> None:
    made = await asyncio.gather(*(pictures.make(picture()) for _ in range(8)))

    assert len({content for content, _, _ in made}) == 1


async def test_added_shown_and_taken_away(database: Database) -> None:
    by = await actor(Role.helpdesk)
    article = await make_article()

    added = await pictures.add(article.id, 2, "右上のボタン", picture(), by=by)
    again = await pictures.add(article.id, 2, "右上のボタン", picture(), by=by)

    assert added["id"] == again["id"]
    shown = await pictures.of_article(article.id)
    assert [(row["step"], row["description"], row["width"]) for row in shown] == [
        (2, "右上のボタン", 60)
    ]
    assert opened(await pictures.content(added["id"])).format == "JPEG"

    await pictures.void(added["id"], by=by)
    await pictures.void(added["id"], by=by)

    assert await pictures.of_article(article.id) == []
    assert await pictures.get(added["id"], public=False) is None
    assert await ArticlePicture.count() == 1
    actions = await AuditEntry.select(AuditEntry.action).output(as_list=True)
    assert actions == ["article.picture_added", "article.picture_voided"]


@pytest.mark.parametrize(
    ("steps", "then"),
    [
        ("一\n二\n三", [2, 3]),
        ("前\n一\n二\n三", [3, 4]),
        ("二\n三", [1, 2]),
        ("一\n二を直した\n三", [2, 3]),
        ("一\n二\n間\n三", [2, 4]),
        ("一", [1, 1]),
        ("", [1, 1]),
    ],
)
async def test_pictures_go_along_with_their_step(
    database: Database, steps: str, then: list[int]
) -> None:
    by = await actor(Role.helpdesk)
    article = await make_article(steps="一\n二\n三")
    for step in (2, 3):
        await pictures.add(article.id, step, "ボタン", picture(), by=by)
    facts = ArticleFacts(article.question, steps, "答え", "", article.topic)

    await articles.edit(article.id, facts, version=1, by=by)

    assert [row["step"] for row in await pictures.of_article(article.id)] == then


@pytest.mark.parametrize("step", [0, 3, -1, 10_000])
async def test_a_step_that_is_not_there_is_refused(database: Database, step: int) -> None:
    by = await actor(Role.helpdesk)
    article = await make_article()  # of two steps

    with pytest.raises(Refused, match="no step of this number"):
        await pictures.add(article.id, step, "ボタン", picture(), by=by)


async def test_p1_pictures_are_for_who_writes_the_article(database: Database) -> None:
    own, other = await make_section(), await make_section()
    by = await actor(Role.coordinator, section=own.id)
    helpdesk = await actor(Role.helpdesk)
    article = await make_article(section=other.id)
    added = await pictures.add(article.id, 1, "ボタン", picture(), by=helpdesk)

    with pytest.raises(Refused, match="another section"):
        await pictures.add(article.id, 1, "ボタン", picture("JPEG"), by=by)
    with pytest.raises(Refused, match="another section"):
        await pictures.void(added["id"], by=by)
    with pytest.raises(Refused, match="no such picture"):
        await pictures.void(99_999, by=helpdesk)
    assert len(await pictures.of_article(article.id)) == 1


@pytest.mark.parametrize(
    ("facts", "seen"),
    [
        ({}, True),
        ({"public": False}, False),
        ({"published_at": None}, False),
        ({"retired_at": "now"}, False),
    ],
)
async def test_residents_see_pictures_of_what_they_may_read(
    database: Database, facts: dict[str, Any], seen: bool
) -> None:
    by = await actor(Role.helpdesk)
    article = await make_article()
    if "retired_at" in facts:
        facts = {"retired_at": article.created_at}
    hidden = await make_article(**facts)
    added = await pictures.add(hidden.id, 1, "ボタン", picture(), by=by)

    assert (await pictures.get(added["id"], public=True) is not None) is seen
    assert await pictures.get(added["id"], public=False) is not None


async def test_an_article_has_only_so_many_pictures(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    by = await actor(Role.helpdesk)
    article = await make_article()
    monkeypatch.setattr(pictures, "MOST_PICTURES", 1)
    await pictures.add(article.id, 1, "ボタン", picture(), by=by)

    with pytest.raises(Refused, match="at most 1"):
        await pictures.add(article.id, 2, "ボタン", picture(), by=by)


@pytest.mark.parametrize(
    ("kind", "size", "more"),
    [
        ("PNG", (4_000, 3_001), {}),
        ("WEBP", (3_000, 2_001), {"quality": 1, "method": 0}),
        ("JPEG", (4_000, 3_001), {"progressive": True}),  # is held whole while it is read
        ("JPEG", (8_000, 5_001), {}),
    ],
)
async def test_what_would_take_much_memory_is_refused(
    kind: str, size: tuple[int, int], more: dict[str, Any]
) -> None:
    with pytest.raises(Refused, match=TOO_MANY):
        await pictures.make(picture(kind, size, **more))


@pytest.mark.parametrize(
    ("size", "becomes"),
    [
        ((7_300, 5_400), (1200, 888)),
        ((5_400, 7_300), (1200, 1622)),
        ((4_000, 4_000), (1200, 1200)),
        ((20_000, 2_000), (1200, 120)),
        ((2_000, 20_000), (240, 2400)),
    ],
)
async def test_a_large_photo_is_unpacked_small(
    size: tuple[int, int], becomes: tuple[int, int]
) -> None:
    _, width, height = await pictures.make(picture("JPEG", size))

    assert (width, height) == becomes


async def test_h1_no_my_number_in_what_a_picture_shows(database: Database) -> None:
    by = await actor(Role.helpdesk)
    article = await make_article()
    with pytest.raises(Refused, match="My Number"):
        await pictures.add(article.id, 1, "1234-5678-9018の画面", picture(), by=by)
    assert await ArticlePicture.count() == 0
