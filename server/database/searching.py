"""Finding rows by the words that `text.search_text` made of them, on either engine.

Japanese is searched by overlapping pairs of characters, which we make ourselves: a trigram index
misses the two-character words that are so common. FTS5 on SQLite, GIN on PostgreSQL.
"""

from collections.abc import Sequence

from piccolo.querystring import QueryString

from server.database.engines import engine


def has_words(table: str, words: Sequence[str]) -> QueryString:
    """A condition: the row of `table` has every one of `text.search_words`.

    `table` is one with an index of its words (contact, article). Without words it always holds.
    """
    if not words:
        return QueryString("1 = 1")
    if engine().engine_type == "postgres":
        asked = " & ".join(f"'{word}':*" for word in words)
        return QueryString(
            f"array_to_tsvector(string_to_array({table}.search_text, ' ')) @@ {{}}::tsquery", asked
        )
    asked = " AND ".join(f'"{word}" *' for word in words)
    return QueryString(
        f"{table}.id IN (SELECT rowid FROM {table}_words WHERE {table}_words MATCH {{}})",  # noqa: S608
        asked,
    )
