"""The pages that take files in."""

from server.imports.routes import supporters

staff = [*supporters.handlers]
