"""What stands at most once in the helpdesk, indexes for its counts, and for finding words."""

import re

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine.finder import engine_finder

ID = "2026-11-21T00:00:09:000000"
VERSION = "1.38.0"
DESCRIPTION = "Count contacts, find them and articles by their words"

INDEXES = (
    "CREATE INDEX ix_contact_counted ON contact (contacted_on) WHERE voided_at IS NULL",
    "CREATE INDEX ix_contact_desk ON contact (desk, contacted_on)",
    "CREATE UNIQUE INDEX uq_contact_replaces ON contact (replaces) WHERE replaces IS NOT NULL",
    "CREATE INDEX ix_hand_over_waiting ON hand_over (section) WHERE seen_at IS NULL",
    "CREATE INDEX ix_call_back_waiting ON call_back (due_at) WHERE done_at IS NULL",
    "CREATE UNIQUE INDEX uq_training_video_live ON training_video (training)"
    " WHERE voided_at IS NULL",
    "CREATE UNIQUE INDEX uq_staff_completion_live ON staff_completion (training, member)"
    " WHERE voided_at IS NULL",
    "CREATE UNIQUE INDEX uq_staff_exclusion_live ON staff_exclusion (training, member)"
    " WHERE voided_at IS NULL",
    "CREATE UNIQUE INDEX uq_staff_training_course ON staff_training (course)"
    " WHERE course IS NOT NULL",
    "CREATE INDEX ix_terminal_use_counted ON terminal_use (terminal, used_on)"
    " WHERE voided_at IS NULL",
)
SEARCHED = ("contact", "article")


def _words_of_postgres(table: str) -> list[str]:
    """Tokens are made by us: no parser of the database is asked what a word is."""
    return [
        f"CREATE INDEX ix_{table}_words ON {table}"
        " USING gin (array_to_tsvector(string_to_array(search_text, ' ')))"
    ]


def _words_of_sqlite(table: str) -> list[str]:
    """An FTS5 index beside the table, kept by triggers."""
    add = f"INSERT INTO {table}_words (rowid, search_text) VALUES (new.id, new.search_text);"
    remove = (
        f"INSERT INTO {table}_words ({table}_words, rowid, search_text)"
        " VALUES ('delete', old.id, old.search_text);"
    )
    return [
        f"CREATE VIRTUAL TABLE {table}_words USING fts5(search_text, content='{table}',"
        " content_rowid='id', tokenize='unicode61 remove_diacritics 0')",
        f"CREATE TRIGGER {table}_words_insert AFTER INSERT ON {table} BEGIN {add} END",
        f"CREATE TRIGGER {table}_words_delete AFTER DELETE ON {table} BEGIN {remove} END",
        f"CREATE TRIGGER {table}_words_update AFTER UPDATE OF search_text ON {table}"
        f" BEGIN {remove} {add} END",
    ]


WORDS = {
    "postgres": [each for table in SEARCHED for each in _words_of_postgres(table)],
    "sqlite": [each for table in SEARCHED for each in _words_of_sqlite(table)],
}


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="tonari", description=DESCRIPTION)

    async def create() -> None:
        engine = engine_finder()
        for statement in (*INDEXES, *WORDS[engine.engine_type]):
            await engine.run_ddl(statement)

    async def drop() -> None:
        engine = engine_finder()
        for statement in reversed((*INDEXES, *WORDS[engine.engine_type])):
            kind, name = re.findall(r"(INDEX|TRIGGER|TABLE) (\w+)", statement)[0]
            await engine.run_ddl(f"DROP {kind} {name}")

    manager.add_raw(create)
    manager.add_raw_backwards(drop)
    return manager
