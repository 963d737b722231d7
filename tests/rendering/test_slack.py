from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot.slack import ids
from digest.errors import RenderError
from digest.model import Assessment, Subscription, Update
from digest.rendering.cleaning import is_blank, one_line
from digest.rendering.slack import render_slack
from digest.rendering.slack_limits import check
from digest.rendering.templates import Templates
from digest.stories.publishers import by_publisher
from tests.builders import assessed, assessment, chosen, digest, left_out, story
from tests.slack_judges import assert_slack_takes, messages, objects, texts

if TYPE_CHECKING:
    from pathlib import Path

    from digest.model import Digest, Message

TEMPLATES = Templates()

_BUTTON = {"type": "button", "text": {"type": "plain_text", "text": "Go"}, "action_id": "go"}

NASTY = (
    "<!channel> <@U012AB3CD> <#C123|general> <!subteam^S1> @here @channel @everyone",
    "<https://evil.example|click> https://evil.example evil.example mailto:x@evil.example",
    "*bold* _it_ ~no~ `code` ```fence``` > quote :smile: &amp; &lt;!channel&gt;",
    "\x00\x1b[31mred\x1b[0m\x07\x85\u2028line\u2029two\r\nthree\tfour",
    "\u202eevil\u202c \u2066x\u2069 \ufeff\u200bzero\u200bwidth\u2060 soft\u00adhyphen",
    "👩‍👩‍👧‍👦 🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f 🇫🇷 é نص عربي עברית 日本語 नमस्ते",
    '{"type":"section"} {{ 7*7 }} {% raw %} \\u0041 " \\ / null',
    "\u200d\u200c",
    " ",
    "",
)
any_text = st.one_of(
    st.sampled_from(NASTY),
    st.text(max_size=80),
    st.text(alphabet="&<>\u202e\U0001f468 a", max_size=400),
    st.builds(lambda word, n: word * n, st.sampled_from(["x", "é", "&", "👩‍👧", "ab c. ", "語"]), st.integers(1, 12_000)),
)
bullets = st.lists(any_text, max_size=6).map(tuple)
urls = st.one_of(
    st.sampled_from(
        ["https://a.example/x", "javascript:alert(1)", "https://a.example/" + "p" * 2_990, "", "https://u:p@a.example/"]
    ),
    st.integers(2_900, 9_000).map(lambda n: "https://a.example/" + "p" * n),
)


@st.composite
def stories(draw: st.DrawFn) -> Any:
    judged = Assessment(
        score=draw(st.none() | st.floats(0, 10)), topic=draw(any_text), reason=draw(any_text), summary=draw(bullets),
        key_insights=draw(bullets), tags=draw(bullets), note=draw(any_text),
    )  # fmt: skip
    also = [assessed(draw(any_text), publisher=draw(any_text), url=draw(urls)) for _ in range(draw(st.integers(0, 3)))]
    return story(draw(any_text), judged=judged, also=also, publisher=draw(any_text), url=draw(urls))


@st.composite
def digests(draw: st.DrawFn) -> Digest:
    told = draw(st.lists(stories(), max_size=5))
    many = draw(st.sampled_from([1, 1, 1, 12]))
    ranked = [chosen(n, s, why=draw(any_text)) for n, s in enumerate(told * many, 1)]
    return digest(
        ranked, notes=tuple(draw(st.lists(any_text, max_size=3))), left_out=(left_out(),) * draw(st.integers(0, 2)),
        subscription=Subscription(layout=draw(st.sampled_from(["full", "compact"]))),
    )  # fmt: skip


def all_text(message: Message) -> str:
    """What can be read in root and thread, without the headings that stand where a text goes on in another message."""
    shown = ("".join(texts(block)) for m in messages(message) for block in m.blocks)
    return "".join(t for t in shown if not t.endswith(" (continued)"))


def words_of(whole: Digest) -> list[str]:
    """Every text of strangers that must be readable somewhere in the message or its thread."""
    said = list(whole.notes)
    for c in whole.chosen:
        judged = c.story.lead.assessment
        said += [
            c.story.lead.article.title,
            c.story.lead.article.publisher,
            judged.topic,
            c.why,
            judged.reason,
            judged.note,
        ]
        said += [*judged.summary, *judged.key_insights]
        said += [a.article.publisher or a.article.title for a in by_publisher(c.story)[1:]]
    return [t for t in map(one_line, said) if not is_blank(t)]


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(digests())
def test_any_text_whatever_gives_messages_that_slack_takes_and_nothing_is_lost(whole: Digest) -> None:
    message = render_slack(whole, TEMPLATES)
    assert_slack_takes(message)
    shown = all_text(message)
    for said in words_of(whole):
        assert said in shown
    own = {a.article.url for c in whole.chosen for a in c.story.articles}
    for part in (o for m in messages(message) for o in objects(m.blocks)):
        assert part.get("type") not in {"mrkdwn", "markdown", "user", "channel", "usergroup", "broadcast", "emoji"}
        assert "url" not in part or part["url"] in own
    for one in messages(message):
        assert not set("<>") & set(one.text)
        assert "@here" not in one.text
        assert "://" not in one.text


@pytest.mark.parametrize("nasty", NASTY)
@pytest.mark.parametrize("times", [1, 60])
def test_text_meant_to_break_out_stays_text_in_every_place(nasty: str, times: int) -> None:
    judged = assessment(topic=nasty, reason=nasty, summary=(nasty,) * 3, key_insights=(nasty,), tags=(nasty,), note=nasty)
    told = story(
        nasty,
        judged=judged,
        publisher=nasty,
        also=[assessed(nasty, publisher=f"B {nasty}", url="https://b.example/")],
        url="https://a.example/",
    )
    whole = digest([chosen(n + 1, told, why=nasty) for n in range(times)], notes=(nasty,))
    message = render_slack(whole, TEMPLATES)
    assert_slack_takes(message)
    for part in (o for m in messages(message) for o in objects(m.blocks)):
        assert part.get("type") != "mrkdwn"
        assert part.get("url", "https://a.example/") in {"https://a.example/", "https://b.example/"}


@pytest.mark.parametrize("word", ["x", "&", "👩‍👧", "é", "\U0001f1eb\U0001f1f7"])
def test_a_title_of_fifty_thousand_characters_is_there_in_full(word: str) -> None:
    title = word * (50_000 // len(word))
    message = render_slack(digest([story(title), story("A quiet one")]), TEMPLATES)
    assert_slack_takes(message)
    assert title in all_text(message)
    assert "story 1" in " ".join(texts(message.blocks[-1]))
    assert "A quiet one" in "".join(texts(message.blocks))


def test_sixty_stories_with_two_hundred_bullets_each_are_there_in_full() -> None:
    told = [
        story(f"Story {n}", judged=assessment(summary=tuple(f"{n}-{i} happened and went on." for i in range(200))))
        for n in range(60)
    ]
    message = render_slack(digest(told), TEMPLATES)
    assert_slack_takes(message)
    shown = {t for m in messages(message) for t in texts(m.blocks)}
    assert {f"{n}-{i} happened and went on." for n in range(60) for i in range(200)} <= shown


def test_a_usual_digest_is_one_message_without_a_thread() -> None:
    message = render_slack(digest([story(f"Story {n}") for n in range(5)]), TEMPLATES)
    assert message.replies == ()
    assert len(message.blocks) == 27


def test_each_story_has_its_buttons_with_words_and_labels() -> None:
    told = story("A very long title " * 9, judged=assessment(key_insights=("Three.",)))
    message = render_slack(digest([told, story("Second", judged=assessment(key_insights=()))]), TEMPLATES)
    assert_slack_takes(message)
    first, second = (b["elements"] for b in message.blocks if b["type"] == "actions")
    assert [e["text"]["text"] for e in first] == ["Key insights", "Ask", "Save", "More like this", "Less like this"]
    assert {e["value"] for e in first} == {told.lead.article.id}
    assert [e["accessibility_label"] for e in second] == [
        "Ask about Second", "Save for yourself: Second", "More like Second", "Less like Second",
    ]  # fmt: skip
    assert all(e["accessibility_label"].endswith("…") for e in first)
    assert {e["action_id"] for e in first} <= set(ids.STORY_ACTIONS)


def test_in_the_compact_layout_the_rest_of_the_buttons_is_in_a_menu() -> None:
    told = story("First")
    message = render_slack(digest([told], subscription=Subscription(layout="compact")), TEMPLATES)
    assert_slack_takes(message)
    (elements,) = (b["elements"] for b in message.blocks if b["type"] == "actions")
    assert [e.get("text", {}).get("text") for e in elements] == ["Key insights", "Ask", "Save", None]
    assert elements[-1]["action_id"] == ids.MENU
    named, held = zip(*(o["value"].split("|") for o in elements[-1]["options"]), strict=True)
    assert set(named) <= set(ids.STORY_ACTIONS)
    assert set(held) == {told.lead.article.id}


def test_buttons_that_find_no_room_are_in_the_thread_below_their_story() -> None:
    told = [story(f"Story {n}", judged=assessment(summary=(), key_insights=())) for n in range(1, 31)]
    message = render_slack(digest(told, subscription=Subscription(layout="compact")), TEMPLATES)
    assert_slack_takes(message)
    assert len(message.blocks) <= 50
    assert "Continued in the thread: the summaries of" in "".join(texts(message.blocks[-1]))
    shown = [e["value"] for m in messages(message) for b in m.blocks if b["type"] == "actions" for e in b["elements"][:1]]
    assert sorted(shown) == sorted(s.lead.article.id for s in told)


def test_what_finds_no_room_goes_into_the_thread_whole_and_the_root_says_so() -> None:
    insights = tuple(f"Insight {n}, which is a sentence of some length so that six stories are too many." for n in range(9))
    told = [
        story(f"Story {n}", judged=assessment(summary=("What happened.",) * 9, key_insights=insights)) for n in range(1, 16)
    ]
    message = render_slack(digest(told), TEMPLATES)
    assert_slack_takes(message)
    root = "".join(texts(message.blocks))
    assert all(f"Story {n}" in root for n in range(1, 16))
    assert "Continued in the thread: the key insights of stories" in root
    last = "".join(texts(message.replies[-1].blocks))
    assert "15. Story 15" in last
    assert all(i in last for i in insights)


def test_in_the_compact_layout_the_root_has_a_line_or_two_for_each_story_and_the_thread_the_rest_in_order() -> None:
    again = Update(date(2026, 11, 20), "", "A fine of two million.")
    told = [
        chosen(
            1, story("First", publisher="Paper", judged=assessment(summary=("One. " * 60, "Two."), key_insights=("Three.",)))
        ),
        chosen(2, story("Second"), update=again),
        chosen(3, story("Third", judged=assessment(summary=(), key_insights=()))),
    ]
    message = render_slack(digest(told, subscription=Subscription(layout="compact")), TEMPLATES)
    assert_slack_takes(message)
    first, second, third = ("".join(texts(b)) for b in message.blocks[2:8:2])
    assert first.startswith("1. First · Paper · 8 of 10\nOne. One.")
    assert len(first) < 220
    assert "\nUpdate since 20 Nov 2026: A fine of two million." in second
    assert third == "3. Third · The Example · 8 of 10"
    assert len(message.blocks) == 9
    (reply,) = message.replies
    whole = "".join(t for b in reply.blocks for t in texts(b))
    assert "Paper · Score 8 of 10 · AI in advertising" in whole
    assert "One. " * 59 in whole
    assert whole.index("Three.") < whole.index("2. Second") < whole.index("3. Third")


def test_a_long_compact_digest_has_as_many_replies_as_it_takes() -> None:
    told = [story(f"Story {n}", judged=assessment(summary=("A sentence of some length. " * 20,) * 3)) for n in range(20)]
    message = render_slack(digest(told, subscription=Subscription(layout="compact")), TEMPLATES)
    assert_slack_takes(message)
    assert len(message.replies) > 1
    assert all(f"Story {n}" in "".join(t for b in message.blocks for t in texts(b)) for n in range(20))


def test_headlines_come_before_summaries_and_these_before_insights() -> None:
    long = tuple(
        "A sentence of a hundred characters, give or take a few, that fills the room that there is. " * 3 for _ in range(9)
    )
    told = [story(f"Story {n}", judged=assessment(summary=long, key_insights=long)) for n in range(1, 9)]
    message = render_slack(digest(told), TEMPLATES)
    closing = "".join(texts(message.blocks[-1]))
    assert closing.startswith("Continued in the thread: the summaries of stories")
    assert "the key insights of" in closing


def test_a_story_that_passes_a_message_goes_on_in_the_next_under_its_name() -> None:
    long = tuple(f"{n} " + "word " * 100 for n in range(60))
    message = render_slack(digest([story("The long one", judged=assessment(summary=long))]), TEMPLATES)
    assert_slack_takes(message)
    assert len(message.replies) > 3
    assert all("The long one" in "".join(texts(r.blocks[0])) for r in message.replies)
    assert "(continued)" in "".join(texts(message.replies[1].blocks[0]))
    assert "(continued)" not in "".join(texts(message.replies[0].blocks[0]))


def test_a_digest_without_stories_says_why() -> None:
    message = render_slack(digest([], left_out=[left_out(), left_out(rule="unscored")], articles=7), TEMPLATES)
    assert_slack_takes(message)
    assert "No stories today. 2 stories left out: 1 below the threshold, 1 unscored." in list(texts(message.blocks))
    assert "No stories today" in message.text


def test_a_title_without_an_allowed_address_is_no_link() -> None:
    message = render_slack(digest([story("Plain", url="javascript:alert(1)")]), TEMPLATES)
    assert not [o for o in objects(message.blocks) if o.get("type") == "link"]


def test_an_address_too_long_for_slack_is_no_link_and_says_so() -> None:
    message = render_slack(digest([story("Plain", url="https://a.example/" + "p" * 3_000)]), TEMPLATES)
    assert not [o for o in objects(message.blocks) if o.get("type") == "link"]
    assert any("too long for a link in Slack" in t for t in texts(message.blocks))


def test_what_was_written_offline_is_marked() -> None:
    judged = assessment("offline", note="Claude did not answer in 30 s; assessed offline")
    message = render_slack(digest([story(judged=judged)]), TEMPLATES)
    assert any(t.startswith("Assessed offline, without a model. Claude did not answer") for t in texts(message.blocks))


def test_an_unscored_story_is_never_shown_as_zero() -> None:
    message = render_slack(digest([story(judged=Assessment(summary=("x",)))]), TEMPLATES)
    assert any("unscored" in t for t in texts(message.blocks))
    assert not any("0 of 10" in t for t in texts(message.blocks))


@pytest.mark.parametrize(
    ("name", "source", "says"),
    [
        ("slack/opening.json.j2", "not json", "slack/opening.json.j2 made what is no JSON"),
        ("slack/opening.json.j2", "{}", "slack/opening.json.j2 must make a list of blocks"),
        ("slack/story.json.j2", "[]", "must make an object with the lists heading, headline, summary, insights and actions"),
        ("slack/opening.json.j2", '[{"type":"markdown","text":"<!channel>"}]', "'markdown' is not one of"),
        (
            "slack/opening.json.j2",
            '[{"type":"divider"}' + ',{"type":"divider"}' * 60 + "]",
            "of which a message may have 50",
        ),
        (
            "slack/notes.json.j2",
            '[{"type":"section","text":{"type":"mrkdwn","text":"<!channel>"}}]',
            "a digest calls nobody",
        ),
        ("slack/text.j2", "x" * 5_000, "slack/text.j2 made a text of more than"),
    ],
)
def test_an_operators_template_that_slack_would_refuse_is_named(tmp_path: Path, name: str, source: str, says: str) -> None:
    (tmp_path / "slack").mkdir()
    (tmp_path / name).write_text(source)
    with pytest.raises(RenderError) as refused:
        render_slack(digest(), Templates(tmp_path))
    assert says in str(refused.value)
    assert refused.value.remedy


@pytest.mark.parametrize(
    ("block", "says"),
    [
        ({"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}, "151 characters"),
        ({"type": "header", "text": {"type": "mrkdwn", "text": "x"}}, "of type plain_text"),
        ({"type": "section"}, "neither text nor fields"),
        ({"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3_001}}, "3001 characters"),
        ({"type": "section", "text": {"type": "plain_text", "text": ""}}, "missing or empty"),
        ({"type": "context", "elements": []}, "not empty"),
        ({"type": "context", "elements": [{"type": "plain_text", "text": "x"}] * 11}, "of which it may have 10"),
        (
            {
                "type": "rich_text",
                "elements": [{"type": "rich_text_section", "elements": [{"type": "user", "user_id": "U1"}]}],
            },
            "user",
        ),
        (
            {
                "type": "rich_text",
                "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": ""}]}],
            },
            "missing or empty",
        ),
        (
            {
                "type": "rich_text",
                "elements": [{"type": "rich_text_section", "elements": [{"type": "link", "url": "javascript:x"}]}],
            },
            "no http or https address",
        ),
        (
            {"type": "actions", "elements": [{"type": "button", "text": {"type": "plain_text", "text": "x" * 76}}]},
            "76 characters",
        ),
        (
            {"type": "actions", "elements": [{**_BUTTON, "accessibility_label": "x" * 76}]},
            "accessibility_label has 76 characters",
        ),
        ({"type": "actions", "elements": [{**_BUTTON, "value": ""}]}, "value is missing or empty"),
        ({"type": "actions", "elements": [_BUTTON, _BUTTON]}, "the same action_id"),
        ({"type": "actions", "elements": [{"type": "overflow", "options": []}]}, "1 to 5 options"),
        ({"type": "actions", "elements": [{"type": "overflow", "options": [{}]}]}, "text must be an object"),
        ({"type": "actions", "elements": [{"type": "datepicker"}]}, "'datepicker' is none of"),
        ({"type": "image", "image_url": "https://a.example/i.png"}, "alt_text is missing"),
        ({"type": "table", "rows": []}, "is not one of"),
        ("text", "is no object"),
        (None, "is no object"),
    ],
)
def test_the_check_names_what_slack_refuses(block: Any, says: str) -> None:
    assert says in "; ".join(check([block]))


KEYS = st.sampled_from(["type", "text", "elements", "fields", "style", "url", "accessory"])
KINDS = st.sampled_from(
    ["section", "rich_text", "rich_text_list", "rich_text_section", "context", "actions", "link", "text", "header"]
)
anything = st.recursive(
    st.none() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner | KINDS, max_size=4),
    max_leaves=12,
)


@example({"type": ["x"]})
@given(anything)
def test_the_check_never_fails_itself(block: Any) -> None:
    assert isinstance(check([block]), list)
