"""What the API sends: the overview and the posts, each with an example."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar

from ninja import Schema
from pydantic import ConfigDict, Field

from canyu.measure import Figure, Overview, Picture
from canyu.ops.insight.posts import Post, PostsPage


class ErrorOut(Schema):
    """The fixed shape of every refusal."""

    code: str = Field(description="Stable name of what went wrong.", examples=["bad_input"])
    message: str = Field(description="What happened.", examples=["from='x' is not a day."])
    mend: str = Field("", description="What to do.", examples=["Write it as 2025-04-01."])


class ProofOut(Schema):
    """How a number came to be."""

    definition_zh: str
    definition_en: str
    sql: str = Field(description="The query, as it was run.")
    versions: dict[str, int] = Field(description="Data version of each table it read.", examples=[{"mentions": 3}])
    rows: int = Field(description="How many posts or facts it counts.", examples=[1204])
    engine: str = Field(examples=["duckdb"])


class FigureOut(Schema):
    """One number, with its interval, the value of the period before, and its proof."""

    name: str = Field(examples=["volume"])
    label_zh: str = Field(examples=["声量"])
    label_en: str = Field(examples=["Volume"])
    value: float | None = Field(description="Missing is null, never 0.", examples=[1204])
    unit_en: str = Field(examples=["posts"])
    interval: tuple[float, float] | None = Field(None, examples=[[12.1, 18.4]])
    previous: float | None = Field(None, examples=[980])
    once: float | None = Field(None, description="The value with copies left out.", examples=[931])
    missing_en: str | None = Field(None, description="Why there is no value.")
    proof: ProofOut

    @classmethod
    def make(cls, figure: Figure) -> FigureOut:
        """Return the figure as it is sent."""
        return cls(
            name=figure.name,
            label_zh=figure.label.zh,
            label_en=figure.label.en,
            value=figure.value,
            unit_en=figure.unit.en,
            interval=figure.interval,
            previous=figure.previous,
            once=figure.once,
            missing_en=figure.missing.en if figure.missing else None,
            proof=make_proof(figure),
        )


class PictureOut(Schema):
    """One picture as its table."""

    name: str = Field(examples=["volume_by_day"])
    title_zh: str
    title_en: str
    columns: list[str] = Field(examples=[["day", "posts"]])
    rows: list[list[str | float | int | bool | None]] = Field(examples=[[["2025-04-01", 31]]])
    proof: ProofOut

    @classmethod
    def make(cls, picture: Picture) -> PictureOut:
        """Return the picture as it is sent."""
        return cls(
            name=picture.name,
            title_zh=picture.title.zh,
            title_en=picture.title.en,
            columns=picture.table.column_names,
            rows=[[spell_value(value) for value in row.values()] for row in picture.table.to_pylist()],
            proof=make_proof(picture),
        )


class OverviewOut(Schema):
    """The word-of-mouth overview of one period."""

    start: date = Field(examples=["2025-04-01"])
    end: date = Field(examples=["2025-06-30"])
    zone: str = Field(examples=["Asia/Shanghai"])
    brand: str = Field(examples=["xiaomi"])
    simulated: bool = Field(description="Whether any of the data is rehearsed.")
    figures: list[FigureOut]
    pictures: list[PictureOut]

    @classmethod
    def make(cls, overview: Overview) -> OverviewOut:
        """Return the overview as it is sent."""
        query = overview.query
        return cls(
            start=query.start,
            end=query.end,
            zone=query.zone,
            brand=query.brand,
            simulated=overview.simulated,
            figures=[FigureOut.make(figure) for figure in overview.figures],
            pictures=[PictureOut.make(picture) for picture in overview.pictures],
        )


class PostOut(Schema):
    """One post with its scores and what it set off."""

    model_config: ClassVar[ConfigDict] = ConfigDict(from_attributes=True)

    id: str = Field(examples=["c555ec885c05e085b57b3885ad7dcf85"])
    time: datetime = Field(examples=["2025-04-01T08:00:00Z"])
    type: str = Field(examples=["post"])
    text: str = Field(examples=["小米SU7刹车很稳"])
    source: str
    channel: str | None = Field(None, examples=["weibo"])
    market: str | None = Field(None, examples=["CN"])
    lang: str | None = Field(None, examples=["zh"])
    sentiment: str | None = Field(None, examples=["positive"])
    p_negative: float | None = None
    p_neutral: float | None = None
    p_positive: float | None = None
    links: list[str] = Field([], examples=[["xiaomi", "xiaomi/su7"]])
    reposts: int | None = None
    comments: int | None = None
    likes: int | None = None
    model_version: str | None = None

    @classmethod
    def make(cls, post: Post) -> PostOut:
        """Return the post as it is sent; its author is not."""
        return cls.model_validate(post)


class PostsOut(Schema):
    """One page of posts."""

    total: int = Field(description="How many match in all.", examples=[1204])
    page: int = Field(examples=[1])
    pages: int = Field(examples=[25])
    versions: dict[str, int] = Field(description="Data version of each table that was read.")
    rows: list[PostOut]

    @classmethod
    def make(cls, page: PostsPage) -> PostsOut:
        """Return the page as it is sent."""
        return cls(
            total=page.total,
            page=page.query.page,
            pages=page.pages,
            versions=page.versions,
            rows=[PostOut.make(post) for post in page.rows],
        )


def make_proof(shown: Figure | Picture) -> ProofOut:
    """Return the proof as it is sent."""
    proof = shown.proof
    return ProofOut(
        definition_zh=proof.definition.zh,
        definition_en=proof.definition.en,
        sql=proof.sql,
        versions=proof.versions,
        rows=proof.rows,
        engine=proof.engine,
    )


def spell_value(value: object) -> str | float | int | bool | None:
    """Return a value that JSON has: days and times as ISO 8601 text."""
    if isinstance(value, date):
        return value.isoformat()
    return value if isinstance(value, str | float | int | bool) or value is None else str(value)
