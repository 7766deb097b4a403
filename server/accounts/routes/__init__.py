"""The pages of accounts: signing in, invitations, and the administrator's list."""

from server.accounts.routes import administration, invitations, signing_in

both = [*signing_in.handlers, *invitations.handlers]
staff = administration.handlers
