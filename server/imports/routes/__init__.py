"""The pages that take files in."""

from server.imports.routes import counter_staff, masters, supporters

staff = [*supporters.handlers, *masters.handlers, *counter_staff.handlers]
