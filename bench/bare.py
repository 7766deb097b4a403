"""The yardstick: a Litestar handler that answers with a word, under Tonari's server settings."""

from litestar import Litestar, MediaType, get


@get("/", media_type=MediaType.TEXT)
async def show_word() -> str:
    """A word."""
    return "となり"


app = Litestar([show_word], openapi_config=None, logging_config=None)
