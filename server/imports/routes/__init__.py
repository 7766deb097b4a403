"""The pages that take files in."""

from server.imports.routes import masters, supporters

staff = [*supporters.handlers, *masters.handlers]
