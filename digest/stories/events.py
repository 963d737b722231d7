"""Stories: articles that tell one event, kept up to date as articles come and go. In memory, without I/O.

What is one story depends on the articles alone, not on the order in which they came: the similarity of two articles is fixed,
articles that reach each other over strong pairs form a group, and each group is parted anew by ``linkage.py`` whenever it
changes (``relinking.py`` has it so by doing again only what the change reaches). An article without a strong pair leans on the one it is likest to, and so is in that one's group. A story never crosses
groups, so one more article costs one look into an inverted index and one small group. Only the identifiers of stories
(``story_names.py``) know what was before.

News of one event comes within days: the similarity of two dated articles falls to nothing in a week (``told.py``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from digest.stories.dated_index import DatedIndex
from digest.stories.leaning import Leaning
from digest.stories.linkage import LOOSER, STRONG, least_near
from digest.stories.meaning import LEAST_BY_WORDS, likenesses, weighed
from digest.stories.relinking import Linkages
from digest.stories.story_names import Change, change, names
from digest.stories.told import WINDOW_DAYS, fit, lack

if TYPE_CHECKING:
    from collections.abc import Iterable

    from digest.stories.told import Told

#: A group of more articles is first parted by stronger pairs, so that one more article stays cheap.
MAX_GROUP: Final = 400
_STRONGER: Final = 0.05
#: Pairs of this cosine are copies: a group of more than ``MAX_GROUP`` of them is one story.
_COPIES: Final = 0.95


def clusters(told: Iterable[Told]) -> tuple[tuple[str, ...], ...]:
    """Articles' ids parted into stories, each by time and all by their earliest; the same for any order of ``told``."""
    events = Events()
    events.add(*told)
    return tuple(sorted(events.clusters().values(), key=lambda ids: events.told(ids[0]).order))


class Events:
    """The stories of the articles that are live. Not for several threads at once."""

    def __init__(self) -> None:
        self._told: dict[str, Told] = {}
        self._index = DatedIndex(WINDOW_DAYS)
        self._near: dict[str, dict[str, float]] = {}
        self._leans = Leaning()
        self._linkages = Linkages()
        self._stories: dict[str, tuple[str, ...]] = {}
        self._story_of: dict[str, str] = {}

    def __len__(self) -> int:
        return len(self._told)

    def add(self, *told: Told) -> Change:
        """Each is now live; one whose id was live before is replaced. Many at once cost less than one by one."""
        stories: set[str] = set()
        moved: set[str] = set()
        for each in told:
            stories |= self._take_out(each.id)
            moved |= self._put_in(each)
        return self._settle({t.id for t in told} | moved, stories | {self._story_of[m] for m in moved if m in self._story_of})

    def remove(self, *ids: str) -> Change:
        """They are not live any more; ids that were not are ignored."""
        stories: set[str] = set()
        for each in ids:
            stories |= self._take_out(each)
        return self._settle(set(), stories)

    def clusters(self) -> dict[str, tuple[str, ...]]:
        """Every live article in one story: by the story's identifier the ids of its articles, the earliest first."""
        return dict(self._stories)

    def story_of(self, article_id: str) -> str:
        """The identifier of the story that a live article is in. Raises KeyError."""
        return self._story_of[article_id]

    def told(self, article_id: str) -> Told:
        """A live article as it was added. Raises KeyError."""
        return self._told[article_id]

    def neighbours(self, article_id: str, count: int = 5) -> list[tuple[str, float]]:
        """The other stories that have an article most like a live one, of any time: identifier and cosine, nearest first.

        For "earlier on this". Raises KeyError where the article is not live.
        """
        own, best = self._story_of[article_id], dict[str, float]()
        for other, cosine in self._index.cosines(self._told[article_id].vector).items():
            story = self._story_of[other]
            if story != own:
                best[story] = max(cosine, best.get(story, 0.0))
        return sorted(best.items(), key=lambda b: (-b[1], b[0]))[:count]

    def _put_in(self, told: Told) -> set[str]:
        """Returns the others that lean on another article than before, or on none."""
        strong, faint = self._pairs(told)
        moved = set()
        for other, fitting in strong.items():
            self._near[other][told.id] = fitting
            if self._leans.stop(other):
                moved.add(other)
        for other, fitting in faint.items():
            if not self._near[other] and self._leans.prefer(other, told.id, fitting):
                moved.add(other)
            if not strong:
                self._leans.prefer(told.id, other, fitting)
        self._told[told.id], self._near[told.id] = told, strong
        self._index.add(told.id, told.vector, told.published)
        return moved

    def _pairs(self, told: Told) -> tuple[dict[str, float], dict[str, float]]:
        """How alike the other articles are to ``told``: those of its strong pairs, and those that are near enough to lean on."""
        strong, faint = dict[str, float](), dict[str, float]()
        for other, alike in self._alike(told).items():
            fitting = alike * fit(told, self._told[other])
            if fitting >= STRONG:
                strong[other] = fitting
            elif fitting >= least_near(told.vector.evidence, self._told[other].vector.evidence):
                faint[other] = fitting
        strong.pop(told.id, None)
        faint.pop(told.id, None)
        return strong, faint

    def _lean(self, article_id: str) -> None:
        """Finds anew what an article without a strong pair leans on."""
        self._leans.stop(article_id)
        for other, fitting in self._pairs(self._told[article_id])[1].items():
            self._leans.prefer(article_id, other, fitting)

    def _alike(self, told: Told) -> dict[str, float]:
        """Those that may be near to ``told`` by their words, and how alike they are with what they mean."""
        own = told.vector
        if not own.meaning:
            return self._index.cosines(own, told.published, LOOSER * STRONG if own.evidence < 1 else STRONG)
        found = self._index.cosines(own, told.published, LEAST_BY_WORDS)
        others = [o for o in found if self._told[o].vector.meaning]
        likeness = likenesses([own.meaning], [self._told[o].vector.meaning for o in others])[0]
        for other, alike in zip(others, likeness, strict=True):
            found[other] = weighed(found[other], alike, lack(told, self._told[other]))
        return found

    def _take_out(self, article_id: str) -> set[str]:
        """Returns the stories of all whose groups this may part: its own and those it was near to."""
        told = self._told.pop(article_id, None)
        if told is None:
            return set()
        self._index.remove(article_id, told.vector, told.published)
        near, leaning = self._near.pop(article_id), self._leans.without(article_id)
        for other in near:
            del self._near[other][article_id]
        for other in leaning | {o for o in near if not self._near[o]}:
            self._lean(other)
        own = self._story_of.pop(article_id, None)  # none where it came with the same call
        return {self._story_of[o] for o in leaning.union(near) if o in self._story_of} | ({own} if own else set())

    def _settle(self, start: set[str], stories: set[str]) -> Change:
        """Parts the groups of ``start`` and ``stories`` anew and names their stories."""
        reached = stories
        while True:  # what leant on another group may have been in a story there
            start = start.union(*(self._stories[s] for s in reached)) & self._told.keys()
            groups, stories = self._groups(start, STRONG), stories | reached
            reached = {self._story_of[a] for group in groups for a in group if a in self._story_of} - stories
            if not reached:
                break
        old = {story: self._stories.pop(story) for story in stories}
        made = names([part for group in groups for part in self._parts(group, STRONG)], old, self._stories)
        for story, part in made.items():
            self._stories[story] = part
            self._story_of.update(dict.fromkeys(part, story))
        return change(made, old)

    def _groups(self, start: set[str], strong: float) -> list[list[str]]:
        """The articles that those of ``start`` reach over pairs of at least ``strong`` and by leaning, each group by time."""
        groups, seen = [], set[str]()
        for first in start:
            if first not in seen:
                seen.add(first)
                group = [first]
                for each in group:  # it grows as it is read
                    new = [o for o, cosine in self._near[each].items() if cosine >= strong and o not in seen]
                    new += [o for o in self._leans.around(each) if o not in seen]
                    seen.update(new)
                    group += new
                groups.append(sorted(group, key=lambda a: self._told[a].order))
        return groups

    def _parts(self, group: list[str], strong: float) -> list[tuple[str, ...]]:
        """The stories of a group."""
        if len(group) == 1 or (len(group) > MAX_GROUP and strong >= _COPIES):
            return [tuple(group)]
        if len(group) > MAX_GROUP:
            stronger = strong + _STRONGER
            return [part for smaller in self._groups(set(group), stronger) for part in self._parts(smaller, stronger)]
        found = self._linkages.parts([self._told[a] for a in group], strong)
        return [tuple(group[n] for n in part) for part in found]
