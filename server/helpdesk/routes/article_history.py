"""The history of an article: every edition, and what changed in it."""

from difflib import SequenceMatcher
from typing import Any

from litestar import Request, Response, get
from litestar.params import FromPath

from server.helpdesk import editions
from server.helpdesk.routes.articles import READS_ARTICLES, provide_article
from server.web.pages import page
from server.web.words import lazy as _

AnyRequest = Request[Any, Any, Any]
Row = dict[str, Any]


@get("/staff/articles/{article_id:int}/history", roles=READS_ARTICLES)
async def show_history(request: AnyRequest, article_id: FromPath[int]) -> Response[str]:
    """Every edition of an article: who changed what when."""
    article = await provide_article(article_id)
    rows = await editions.listed(article_id)
    before = [*rows[1:], None]  # one more than there are editions: none is before the first
    return page(
        request,
        "helpdesk/article_history.html",
        article=article,
        rows=[
            row | {"changes": _changes(was, row)} for row, was in zip(rows, before, strict=False)
        ],
    )


def _changes(was: Row | None, now: Row) -> list[Row]:
    """By field what went and what came, line by line; nothing of the first edition."""
    if was is None:
        return []
    fields = {"question": _("Question"), "steps": _("Steps"), "staff_answer": _("Answer for staff")}
    return [
        {"field": str(words), "lines": _lines_changed(was[name], now[name])}
        for name, words in fields.items()
        if was[name] != now[name]
    ]


def _lines_changed(was: str, now: str) -> list[tuple[str, str]]:
    before, after = was.splitlines(), now.splitlines()
    found: list[tuple[str, str]] = []
    for what, start, end, new_start, new_end in SequenceMatcher(None, before, after).get_opcodes():
        if what == "equal":
            continue
        found += [("gone", words) for words in before[start:end]]
        found += [("new", words) for words in after[new_start:new_end]]
    return found


handlers = [show_history]
