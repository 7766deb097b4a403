"""Pictures beside the steps of an article, made anew from what was sent."""

import asyncio
from hashlib import sha256
from io import BytesIO
from typing import TYPE_CHECKING, Any

from server import clock, notes
from server.audit import entries
from server.database import locked, writing
from server.helpdesk import answers, articles
from server.helpdesk.tables import Article, ArticlePicture
from server.refusals import N_, Refused
from server.roles import Actor

if TYPE_CHECKING:
    from PIL.Image import Image

Row = dict[str, Any]

LARGEST_FILE = 5 * 1024 * 1024  # bytes
MOST_PIXELS = {"PNG": 12_000_000, "JPEG": 12_000_000, "WEBP": 6_000_000}  # unpacked: < 150 MB
MOST_PIXELS_SENT = 40_000_000  # of a JPEG that is unpacked to half of its width or less
MOST_PICTURES = 20  # of one article
WIDEST, HIGHEST = 1200, 2400  # pixels of what we make
QUALITY = 85
FORMATS = ("PNG", "JPEG", "WEBP")
MEDIA_TYPE = "image/jpeg"

# Refusals that a form shows beside the field that they are about.
NO_PICTURE = N_("This is no picture that we can read. Please choose a PNG, JPEG or WebP file.")
TOO_LARGE = N_("This file is too large. A picture may have 5 MB at most.")
TOO_MANY_PIXELS = N_("This picture has too many points. Please make it smaller first.")
NO_SUCH_STEP = N_("The answer has no step of this number.")

_one_at_a_time = asyncio.Semaphore(1)  # a large picture takes much memory while it is read

# Without the content: a list of pictures is read far more often than a picture.
SHOWN = (
    ArticlePicture.id,
    ArticlePicture.article,
    ArticlePicture.step,
    ArticlePicture.description,
    ArticlePicture.width,
    ArticlePicture.height,
    ArticlePicture.digest,
    ArticlePicture.recorded_at,
)


async def of_article(article_id: int) -> list[Row]:
    """The pictures of an article by step, without their content."""
    rows: list[Row] = await (
        ArticlePicture.select(*SHOWN)
        .where((ArticlePicture.article == article_id) & ArticlePicture.voided_at.is_null())
        .order_by(ArticlePicture.step, ArticlePicture.id)
    )
    return rows


async def get(picture_id: int, *, public: bool) -> Row | None:
    """A picture, without its content; `public`: only where residents may read its article."""
    row: Row | None = await (
        ArticlePicture.select(
            *SHOWN,
            ArticlePicture.media_type,
            ArticlePicture.article.public.as_alias("public"),
            ArticlePicture.article.published_at.as_alias("published_at"),
            ArticlePicture.article.retired_at.as_alias("retired_at"),
        )
        .where((ArticlePicture.id == picture_id) & ArticlePicture.voided_at.is_null())
        .first()
    )
    return row if row is None or not public or answers.is_public(row) else None


async def content(picture_id: int) -> bytes:
    """What a picture consists of."""
    rows = await ArticlePicture.select(ArticlePicture.content).where(
        ArticlePicture.id == picture_id
    )
    return bytes(rows[0]["content"])


async def add(article_id: int, step: int, description: str, content: bytes, *, by: Actor) -> Row:
    """Put a picture beside a step (from 1), made anew as a JPEG without whatever else it held.

    The same picture at the same step is there once. Refused for what is no PNG, JPEG or WebP, for
    more than 5 MB, for more points than `make` takes, for a My Number in the description (H1), and
    for a step that the article does not have.
    """
    notes.check(description)
    made, width, height = await make(content)
    async with writing():
        article = await _held(article_id, by)
        if not 1 <= step <= max(1, len(article["steps"].splitlines())):
            raise Refused(NO_SUCH_STEP)
        digest = sha256(made).hexdigest()
        known = await of_article(article_id)
        for row in known:
            if (row["step"], row["digest"]) == (step, digest):
                return row
        if len(known) >= MOST_PICTURES:
            raise Refused("An article has at most {number} pictures.", number=MOST_PICTURES)
        picture = ArticlePicture(
            article=article_id,
            step=step,
            description=description,
            media_type=MEDIA_TYPE,
            width=width,
            height=height,
            digest=digest,
            content=made,
            recorded_at=clock.now(),
            recorded_by=by.id,
        )
        rows = await ArticlePicture.insert(picture).returning(*SHOWN)
        await _record("article.picture_added", article_id, rows[0], by)
        return rows[0]


async def void(picture_id: int, *, by: Actor) -> None:
    """Take a picture away; twice does nothing more. Refused for another section's article."""
    async with writing():
        rows = await ArticlePicture.select(*SHOWN).where(ArticlePicture.id == picture_id)
        if not rows:
            raise Refused("There is no such picture.")
        await _held(rows[0]["article"], by)
        gone = (
            await ArticlePicture.update(voided_at=clock.now())
            .where((ArticlePicture.id == picture_id) & ArticlePicture.voided_at.is_null())
            .returning(ArticlePicture.id)
        )
        if gone:
            await _record("article.picture_voided", rows[0]["article"], rows[0], by)


async def make(content: bytes) -> tuple[bytes, int, int]:
    """A JPEG of at most 1200 by 2400 pixels with nothing but the picture; its width and height.

    Refused for what is no picture, or too large: 40 megapixels of a JPEG, 12 of a PNG and of a
    JPEG that comes in layers (progressive), 6 of a WebP. One at a time, beside the event loop.
    """
    if len(content) > LARGEST_FILE:
        raise Refused(TOO_LARGE)
    async with _one_at_a_time:
        return await asyncio.to_thread(_made, content)


def _made(content: bytes) -> tuple[bytes, int, int]:
    from PIL import Image, ImageOps  # noqa: PLC0415 - takes memory that few need

    Image.MAX_IMAGE_PIXELS = None  # we look at the size ourselves, before anything is unpacked
    try:
        with Image.open(BytesIO(content), formats=FORMATS) as sent:
            _shrink_first(sent)
            long_side = max(WIDEST, HIGHEST)
            sent.thumbnail((long_side, long_side))  # first: turning it takes its memory again
            ImageOps.exif_transpose(sent, in_place=True)
            sent.thumbnail((WIDEST, HIGHEST))
            return _as_jpeg(sent)
    except Refused:
        raise
    except Exception as error:  # whatever a broken file makes a decoder say
        raise Refused(NO_PICTURE) from error


def _shrink_first(sent: "Image") -> None:
    """Have a JPEG unpacked small; Refused for what would still take too much memory.

    What comes in layers is held whole while it is read, whatever it becomes.
    """
    most = MOST_PIXELS[sent.format or "PNG"]
    if sent.width * sent.height > (most if "progressive" in sent.info else MOST_PIXELS_SENT):
        raise Refused(TOO_MANY_PIXELS)
    if sent.format == "JPEG":
        across, along = sorted(sent.size)  # however it is turned
        part = min(1.0, WIDEST / across, HIGHEST / along)
        sent.draft("RGB", (round(sent.width * part), round(sent.height * part)))
    if sent.width * sent.height > most:
        raise Refused(TOO_MANY_PIXELS)


def _as_jpeg(picture: "Image") -> tuple[bytes, int, int]:
    """On white where it is seen through; drawn anew, so that nothing else comes along."""
    from PIL import Image  # noqa: PLC0415 - takes memory that few need

    seen_through = picture.convert("RGBA")
    plain = Image.new("RGB", picture.size, "white")
    plain.paste(seen_through, mask=seen_through.getchannel("A"))
    out = BytesIO()
    plain.save(out, "JPEG", quality=QUALITY, optimize=True, subsampling=0)
    return out.getvalue(), plain.width, plain.height


async def _held(article_id: int, by: Actor) -> Row:
    await locked(f"article:{article_id}")
    row: Row | None = await (
        Article.select(Article.id, Article.steps, Article.section)
        .where(Article.id == article_id)
        .first()
    )
    if row is None:
        raise Refused("There is no such article.")
    articles.check_may_edit(by, row["section"])
    return row


async def _record(action: str, article_id: int, picture: Row, by: Actor) -> None:
    facts = {"picture": picture["id"], "step": picture["step"], "digest": picture["digest"]}
    await entries.record(action, "article", article_id, by=by, **facts)
