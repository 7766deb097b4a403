"""One figure beside another: measured in turn, half a second each, so that noise meets both."""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

from bench import client

ROUNDS = 10
TURN = 0.5  # seconds
CONNECTIONS = 8


@dataclass(frozen=True)
class Row:
    """A line of the table."""

    path: str
    aim: str
    figure: "str | Figure"


Rows = list[Row]


@dataclass(frozen=True)
class Figure:
    """The median of the rounds: ‰ of the yardstick, and requests per second."""

    permille: float
    per_second: float

    def __str__(self) -> str:
        """As the table has it."""
        return f"{self.permille:.0f} ‰ ({self.per_second:,.0f} per s)"


async def compared(
    yardstick: str, address: str, request: Callable[[], bytes], status: int
) -> Figure:
    """Load the yardstick and then `address`, a TURN each, for ROUNDS rounds.

    Raises AssertionError where any answer has another status.
    """
    word = client.get("/")
    ratios, speeds = [], []
    await client.load(address, request, seconds=TURN, connections=CONNECTIONS)
    for _ in range(ROUNDS):
        beside = await client.load(yardstick, lambda: word, seconds=TURN, connections=CONNECTIONS)
        tally = await client.load(address, request, seconds=TURN, connections=CONNECTIONS)
        assert set(tally.answers) == {status}, f"{address} answered {tally.answers}"
        ratios.append(1000 * tally.per_second / beside.per_second)
        speeds.append(tally.per_second)
    return Figure(median(ratios), median(speeds))
