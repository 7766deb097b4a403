"""What an article on the topic settled under the former rule stays settled."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine.finder import engine_finder

ID = "2026-11-21T00:00:16:000000"
VERSION = "1.38.0"
DESCRIPTION = "Keep off the list what an article had taken off it"

# The newest published article on the same topic and procedure, changed since the contact was first
# entered: one that was corrected later is the same contact.
SETTLED = """
WITH RECURSIVE entered (contact, recorded_at) AS (
    SELECT contact.id, contact.recorded_at FROM contact WHERE contact.replaces IS NULL
    UNION ALL
    SELECT contact.id, entered.recorded_at FROM contact
    JOIN entered ON contact.replaces = entered.contact
)
INSERT INTO missing_settled (contact, article, settled_at)
SELECT answered.contact, answered.article, article.changed_at
FROM (
    SELECT contact.id AS contact, MAX(article.id) AS article
    FROM contact
    JOIN entered ON entered.contact = contact.id
    JOIN topic ON topic.id = contact.topic
    LEFT JOIN procedure ON procedure.id = contact.procedure
    JOIN topic AS same ON COALESCE(same.merged_into, same.id) = COALESCE(topic.merged_into, topic.id)
    JOIN article ON article.topic = same.id
    LEFT JOIN procedure AS kept ON kept.id = article.procedure
    WHERE contact.answer_missing AND contact.voided_at IS NULL
        AND article.published_at IS NOT NULL AND article.retired_at IS NULL
        AND article.changed_at >= entered.recorded_at
        AND COALESCE(kept.merged_into, kept.id, 0)
            = COALESCE(procedure.merged_into, procedure.id, 0)
    GROUP BY contact.id
) AS answered
JOIN article ON article.id = answered.article
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="tonari", description=DESCRIPTION)

    async def settle() -> None:
        await engine_finder().run_ddl(SETTLED)

    async def forget() -> None:
        await engine_finder().run_ddl("DELETE FROM missing_settled WHERE settled_by IS NULL")

    manager.add_raw(settle)
    manager.add_raw_backwards(forget)
    return manager
