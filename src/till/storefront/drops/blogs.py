"""Blogs, their articles, and the comments on them."""

from functools import cached_property

from till.liquid.drop import Drop, Record, shown
from till.storefront.drops.scene import ImageDrop, Scene, metafields
from till.storefront.stock import number
from till.storefront.world import Article, Blog, Comment


class CommentDrop(Drop):
    kind = "comment"

    def __init__(self, scene: Scene, comment: Comment, article: "ArticleDrop") -> None:
        self._scene, self._comment, self._article = scene, comment, article

    @shown
    def id(self) -> int:
        return number("comment", self._comment.author, self._comment.created_at.isoformat())

    @shown
    def author(self) -> str:
        return self._comment.author

    @shown
    def email(self) -> str:
        return ""

    @shown
    def content(self) -> str:
        return self._comment.content

    @shown
    def status(self) -> str:
        return "published"

    @shown
    def created_at(self) -> str | None:
        return self._scene.time(self._comment.created_at)

    @shown
    def updated_at(self) -> str | None:
        return self._scene.time(self._comment.created_at)

    @shown
    def url(self) -> str:
        return f"{self._article.url}#{self.id}"


class ArticleDrop(Drop):
    kind = "article"

    def __init__(self, scene: Scene, found: tuple[Blog, Article]) -> None:
        self._scene = scene
        self._blog, self._article = found

    def __str__(self) -> str:
        return str(self.title)

    @shown
    def id(self) -> int:
        return number("article", self._blog.handle, self._article.handle)

    @shown
    def title(self) -> str:
        return self._scene.stock.said(self._article.title)

    @shown
    def handle(self) -> str:
        return f"{self._blog.handle}/{self._article.handle}"

    @shown
    def content(self) -> str:
        return self._scene.stock.said(self._article.content)

    @shown
    def excerpt(self) -> str:
        return self._scene.stock.said(self._article.excerpt)

    @shown
    def excerpt_or_content(self) -> str:
        return str(self.excerpt or self.content)

    @shown
    def author(self) -> str:
        return self._article.author

    @shown
    def user(self) -> Drop:
        first, _, last = self._article.author.partition(" ")
        names = {"name": self._article.author, "first_name": first, "last_name": last, "account_owner": False}
        more = dict.fromkeys(("email", "bio", "homepage", "image"))
        return Record("user", names | more, text=self._article.author)

    @shown
    def tags(self) -> list[str]:
        return list(self._article.tags)

    @shown
    def image(self) -> ImageDrop | None:
        return None if self._article.image is None else ImageDrop(self._scene, self._article.image)

    @shown
    def object_type(self) -> str:
        """What a result of a search is."""
        return "article"

    @shown
    def url(self) -> str:
        return self._scene.url(f"/blogs/{self._blog.handle}/{self._article.handle}")

    @shown
    def published_at(self) -> str | None:
        return self._scene.time(self._article.published_at)

    @shown
    def created_at(self) -> str | None:
        return self._scene.time(self._article.published_at)

    @shown
    def updated_at(self) -> str | None:
        return self._scene.time(self._article.published_at)

    @shown
    def comments(self) -> list[CommentDrop]:
        return [CommentDrop(self._scene, each, self) for each in self._article.comments]

    @shown
    def comments_count(self) -> int:
        return len(self._article.comments)

    @shown("comments_enabled?")
    def has_comments(self) -> bool:
        return False

    @shown("moderated?")
    def is_moderated(self) -> bool:
        return True

    @shown
    def comment_post_url(self) -> str:
        return f"{self.url}/comments"

    @shown
    def template_suffix(self) -> str | None:
        return self._article.template or None

    @shown
    def metafields(self) -> Drop:
        return metafields(self._article.metafields)

    def plain(self) -> object:
        """What the `json` filter writes."""
        left = {"comments", "metafields", "user", "image"}
        return {name: self[name] for name in self.names() if name not in left}


class BlogDrop(Drop):
    kind = "blog"

    def __init__(self, scene: Scene, blog: Blog) -> None:
        self._scene, self._blog = scene, blog

    def __str__(self) -> str:
        return str(self.title)

    @cached_property
    def _wanted(self) -> list[Article]:
        """Newest first; those of the tag that the path names."""
        found = sorted(self._blog.articles, key=lambda each: each.published_at, reverse=True)
        parts = self._scene.visit.path.split("/")
        if parts[1:4] == ["blogs", self._blog.handle, "tagged"] and len(parts) > 4:
            tag = parts[4].casefold()
            found = [
                each for each in found if tag in (word.casefold().replace(" ", "-") for word in each.tags)
            ]
        return found

    @shown
    def id(self) -> int:
        return number("blog", self._blog.handle)

    @shown
    def title(self) -> str:
        return self._scene.stock.said(self._blog.title)

    @shown
    def handle(self) -> str:
        return self._blog.handle

    @shown
    def url(self) -> str:
        return self._scene.url(f"/blogs/{self._blog.handle}")

    @shown
    def articles(self) -> list[Drop]:
        return [self._scene.make("article", (self._blog, each)) for each in self._wanted]

    @shown
    def articles_count(self) -> int:
        return len(self._wanted)

    @shown
    def all_tags(self) -> list[str]:
        return sorted({tag for each in self._blog.articles for tag in each.tags})

    @shown
    def tags(self) -> list[str]:
        return sorted({tag for each in self._wanted for tag in each.tags})

    @shown("comments_enabled?")
    def has_comments(self) -> bool:
        return False

    @shown("moderated?")
    def is_moderated(self) -> bool:
        return True

    @shown
    def next_article(self) -> Drop | None:
        return self._beside(-1)

    @shown
    def previous_article(self) -> Drop | None:
        return self._beside(1)

    def _beside(self, step: int) -> Drop | None:
        newest = sorted(self._blog.articles, key=lambda each: each.published_at, reverse=True)
        handles = [each.handle for each in newest]
        handle = self._scene.visit.path.rpartition("/")[2]
        if handle not in handles:
            return None
        index = handles.index(handle) + step
        return self._scene.make("article", (self._blog, newest[index])) if 0 <= index < len(handles) else None

    @shown
    def template_suffix(self) -> str | None:
        return self._blog.template or None

    @shown
    def metafields(self) -> Drop:
        return metafields(self._blog.metafields)

    def plain(self) -> object:
        """What the `json` filter writes."""
        left = {"articles", "metafields", "next_article", "previous_article"}
        return {name: self[name] for name in self.names() if name not in left}
