"""What residents type, and the answer of the demonstration that they mean."""

from typing import Any

import pytest

from server import text
from server.demo.city import facts
from server.helpdesk import answers, articles, wordings
from server.helpdesk.tables import Article
from tests.databases import Database
from tests.factories import make_article, make_topic

DARK, SMALL, SILENT = "画面が真っ暗", "字が小さくて", "呼び出しの音"
ENVELOPE, LOCKED, PARCEL, VIRUS = (
    "マイナンバーカードの封筒",
    "暗証番号を",
    "荷物の知らせ",
    "ウイルス",
)
KEPT, SENT, MOVED_LINE = "届いた孫の写真", "家族に送りたい", "LINEを新しい"
WIFI, ZOOM, PAYING, COPY = "Wi-Fi", "Zoom", "使って支払い", "住民票を"
TYPED = (
    ("画面が真っ黒", DARK),
    ("画面が黒い", DARK),
    ("画面が真っ暗", DARK),
    ("まっくろ", DARK),
    ("まっくら", DARK),
    ("ガメン", DARK),
    ("電源が入らない", DARK),
    ("スマホが動かない", DARK),
    ("マイナンバーカードの封筒", ENVELOPE),
    ("マイナンバーカード 封筒", ENVELOPE),
    ("マイナンバーの手紙", ENVELOPE),
    ("ふうとう", ENVELOPE),
    ("マイナカード", ENVELOPE),
    ("マイナンバカード", ENVELOPE),
    ("にもつ", PARCEL),
    ("荷物のメール", PARCEL),
    ("荷物が届いたというメールは詐欺ですか", PARCEL),
    ("宅配便", PARCEL),
    ("不在通知", PARCEL),
    ("ショートメール", PARCEL),
    ("変なメール", PARCEL),
    ("さぎ", PARCEL),
    ("サギ", PARCEL),
    ("だまされた", PARCEL),
    ("しゃしん", KEPT),
    ("あんしょうばんごう", LOCKED),
    ("暗証番号忘れた", LOCKED),
    ("パスワードを忘れた", LOCKED),
    ("写真を孫に送りたい", SENT),
    ("LINEが出来ない", KEPT),
    ("音が出ない", SILENT),
    ("字を大きくしたい", SMALL),
    ("スマホ", "スマートフォン"),
    ("wifi", WIFI),
    ("ＷｉＦｉ", WIFI),
    ("ワイファイ", WIFI),
    ("ウィルス", VIRUS),
    ("ペイペイ", PAYING),
    ("ズーム", ZOOM),
    ("じゅうみんひょう", COPY),
    ("ライン", MOVED_LINE),
    ("らいん", MOVED_LINE),
    ("引っ越し", "引越しの届け出"),
    ("ひっこし", "引越しの届け出"),
)


@pytest.fixture
async def written(database: Database) -> None:
    """The demonstration's answers, none of them asked for yet."""
    topic = (await make_topic()).id
    for one in facts("helpdesk")["articles"]:
        said = {name: one[name] for name in ("question", "steps", "keywords", "public")}
        await make_article(topic=topic, **said)


async def first_three(words: str) -> list[str]:
    rows, _ = await answers.search(words, public=True)
    return [row["question"] for row in rows[:3]]


async def test_everyday_phrases_lead_to_their_answer(written: None) -> None:
    found = {phrase: await first_three(phrase) for phrase, _ in TYPED}

    astray = {
        phrase: found[phrase]
        for phrase, meant in TYPED
        if not any(meant in question for question in found[phrase])
    }
    assert astray == {}


async def test_line_is_no_hotline(written: None) -> None:
    for words in ("ライン", "らいん", "LINE"):
        rows, _ = await answers.search(words, public=True)
        questions = [row["question"] for row in rows]
        assert "LINE" in questions[0]
        assert not any(VIRUS in each or PARCEL in each for each in questions), words


async def questions(words: str, **asked: Any) -> list[tuple[str, bool]]:
    rows, _ = await answers.search(words, public=True, **asked)
    return [(row["question"], row["exact"]) for row in rows]


async def test_the_question_comes_before_keywords_and_steps(database: Database) -> None:
    await make_article(question="乗り場", keywords="切符")
    await make_article(question="切符を買う")
    await make_article(question="時刻", steps="切符を見ます。")

    assert await questions("切符") == [("切符を買う", True), ("乗り場", True), ("時刻", True)]


async def test_where_none_has_every_word_the_nearest_are_shown(database: Database) -> None:
    for number in range(12):
        await make_article(question=f"切符の話{number}")
    await make_article(question="駅で切符を買う")
    await make_article(question="湯わかし")

    found = await questions("駅の切符が燃えた")

    assert found[0] == ("駅で切符を買う", False)
    assert len(found) == answers.NEAREST
    assert ("湯わかし", False) not in found
    assert await questions("駅の切符が燃えた", page=2) == []
    assert await questions("星空") == []


async def test_particles_and_polite_endings_are_not_asked_for() -> None:
    assert wordings.asked("切符を買いたいのですが") == ["切符", "買い"]
    assert wordings.asked("駅はどこですか") == ["駅"]
    assert wordings.asked("です") == ["です"]
    assert wordings.asked("！？") == []
    assert len(wordings.asked("".join(chr(code) for code in range(0x4E00, 0x4E64)))) == 16


@pytest.mark.parametrize(
    ("said", "held"),
    [("オンライン", False), ("ホットライン", False), ("ラインで", True), ("おんらいん", False)],
)
async def test_a_short_word_is_no_part_of_another(said: str, held: bool) -> None:
    assert ("グline" in wordings.search_text(said, "", "").split()) is held


async def test_each_word_stands_in_one_line_only() -> None:
    words = [word for line in wordings.lines() for word in line]

    assert len(words) == len(set(words))
    assert all(text.search_words(word) for word in words)


async def test_the_index_is_made_anew_where_it_differs(database: Database) -> None:
    old = await make_article(question="スマホの話")
    await make_article()
    await Article.update({Article.search_text: "話"}).where(Article.id == old.id)

    assert await articles.index_anew() == 1
    assert await articles.index_anew() == 0
    assert await questions("スマートフォン") == [("スマホの話", True)]
    assert (await Article.select(Article.version).where(Article.id == old.id).first()) == {
        "version": 1
    }
