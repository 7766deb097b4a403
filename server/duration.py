"""How long something took, in minutes of one day."""

from server.refusals import N_, Refused

MINUTES_OF_A_DAY = 24 * 60
NO_MINUTES = N_("Minutes are at least 0 and at most 1440, a whole day.")


def check(minutes: int) -> None:
    """Refused below none, and above a day."""
    if not 0 <= minutes <= MINUTES_OF_A_DAY:
        raise Refused(NO_MINUTES)
