"""Piccolo's configuration: the engine of this process and the one app."""

from piccolo.conf.apps import AppRegistry

from server.database.engines import engine_for
from server.settings import settings

DB = engine_for(settings().database_url)

APP_REGISTRY = AppRegistry(apps=["server.piccolo_app"])
