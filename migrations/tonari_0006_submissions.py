"""One press of the button, beside what is entered by hand."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns.column_types import Varchar
from piccolo.columns.indexes import IndexMethod

ID = "2026-11-21T00:00:06:000000"
VERSION = "1.38.0"
DESCRIPTION = "A submission of each training record, paper and entry of an indicator"

TABLES = {
    "TrainingRecord": "training_record",
    "Credential": "credential",
    "IndicatorEntry": "indicator_entry",
}


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="tonari", description=DESCRIPTION)
    for class_name, table in TABLES.items():
        manager.add_column(
            table_class_name=class_name,
            tablename=table,
            column_name="submission",
            db_column_name="submission",
            column_class_name="Varchar",
            column_class=Varchar,
            params={
                "length": 40,
                "default": None,
                "null": True,
                "primary_key": False,
                "unique": False,
                "index": False,
                "index_method": IndexMethod.btree,
                "choices": None,
                "db_column_name": None,
                "secret": False,
            },
            schema=None,
        )
    return manager
