"""Plans, their indicators and targets, and what is entered by hand."""

from enum import StrEnum

from piccolo.columns import Date, ForeignKey, Integer, OnDelete, Serial, Text, Timestamptz, Varchar
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from server.places.tables import Section


class Unit(StrEnum):
    """What an indicator counts in, printed beside every figure (S5)."""

    course = "course"  # 講座
    session = "session"  # 開催: one course, one date, one venue
    slot = "slot"  # 枠
    visit = "visit"  # 延べ人数
    person = "person"  # 実人数
    initiative = "initiative"  # 取組: a named group of courses is 1
    supporter = "supporter"  # 名
    item = "item"  # 件
    yen = "yen"  # 円


class Counting(StrEnum):
    """Per fiscal year, from the beginning on, or no number at all (S6)."""

    annual = "annual"
    cumulative = "cumulative"
    milestone = "milestone"


class Direction(StrEnum):
    """Which side of the target is good (以上 / 以下)."""

    at_least = "at_least"
    at_most = "at_most"


class Measure(StrEnum):
    """Where the actual figure comes from."""

    supporters_trained = "supporters_trained"  # reached the stage that counts as 養成
    sessions_held = "sessions_held"  # of the kinds in `kinds`
    by_hand = "by_hand"  # entries with evidence


class Plan(Table):
    """A city's plan, loaded from a file."""

    id: Serial
    code = Varchar(length=60, unique=True)
    name = Varchar(length=200)
    municipality = Varchar(length=40)
    first_year = Integer()  # fiscal years, both included
    last_year = Integer()
    loaded_at = Timestamptz()

    plan_years_in_order = Check("first_year <= last_year")


class Indicator(Table):
    """What a plan measures, in which unit (指標)."""

    id: Serial
    plan = ForeignKey(Plan, null=False, on_delete=OnDelete.restrict, index=True)
    code = Varchar(length=60)
    measure_name = Varchar(length=200)  # the plan's own measure (施策): 2-1 デジタル機器に…
    name = Varchar(length=200)  # as the plan states it
    unit = Varchar(length=12)
    counting = Varchar(length=12)
    direction = Varchar(length=10, default=Direction.at_least)
    measure = Varchar(length=20, default=Measure.by_hand)
    kinds = Varchar(length=120)  # course kinds that count, comma between
    section = ForeignKey(Section, null=True, on_delete=OnDelete.restrict)
    position = Integer(default=0)

    indicator_code_once = Unique(["plan", "code"])
    indicator_unit_known = Check(
        "unit IN ('course', 'session', 'slot', 'visit', 'person', 'initiative', 'supporter',"
        " 'item', 'yen')"
    )
    indicator_counting_known = Check("counting IN ('annual', 'cumulative', 'milestone')")
    indicator_direction_known = Check("direction IN ('at_least', 'at_most')")
    indicator_measure_known = Check("measure IN ('supporters_trained', 'sessions_held', 'by_hand')")


class Target(Table):
    """How much by the end of which fiscal year; a number, a milestone, or blank: never 0 (S6)."""

    id: Serial
    indicator = ForeignKey(Indicator, null=False, on_delete=OnDelete.restrict, index=True)
    fiscal_year = Integer()
    number = Integer(null=True, default=None)
    milestone = Varchar(length=80)
    version = Integer(default=1)

    target_year_once = Unique(["indicator", "fiscal_year"])
    target_one_kind = Check("number IS NULL OR milestone = ''")


class IndicatorEntry(Table, tablename="indicator_entry"):
    """A figure, or a milestone reached, entered by hand with its evidence (S5)."""

    id: Serial
    indicator = ForeignKey(Indicator, null=False, on_delete=OnDelete.restrict, index=True)
    effective_on = Date()
    number = Integer(null=True, default=None)
    milestone = Varchar(length=80)
    evidence = Text()
    submission = Varchar(length=40, null=True, default=None)  # one press of the button
    recorded_at = Timestamptz()
    recorded_by = Integer(null=True, default=None)
    voided_at = Timestamptz(null=True, default=None)
    voided_by = Integer(null=True, default=None)
    void_reason = Varchar(length=200)

    indicator_entry_evidence_given = Check("evidence <> ''")
