"""Tonari: classes and supporters for a municipality's digital-divide programme."""

import os

os.environ.setdefault("PICCOLO_CONF", "server.piccolo_conf")
