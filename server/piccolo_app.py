"""The one Piccolo app: the tables of every slice, and one migration history."""

from pathlib import Path

from piccolo.conf.apps import AppConfig, table_finder

SLICES = (
    "places",
    "topics",
    "people",
    "accounts",
    "audit",
    "notices",
    "training",
    "supporters",
    "classes",
    "activity",
    "counter_staff",
    "helpdesk",
    "plan",
)

APP_CONFIG = AppConfig(
    app_name="tonari",
    migrations_folder_path=str(Path(__file__).parent.parent / "migrations"),
    table_classes=table_finder(
        modules=[f"server.{name}.tables" for name in SLICES], exclude_imported=True
    ),
)
