"""All reads of the alerts; the viewer comes first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.db.models import Case, IntegerField, Value, When
from django.utils.translation import gettext as _

from canyu.events import Lake
from canyu.events.listenings import find_model_version
from canyu.kit.errors import NotFound
from canyu.kit.words import Words
from canyu.listen.bursts import Alert, QuietHours, Route, Rule, Selection, Severity
from canyu.measure.facts import identify_lake
from canyu.measure.kept import Kept
from canyu.ops.alerts.alarms.rules import Alarm, link_forecast, name_alarm, write_alarm, write_outcome
from canyu.ops.alerts.alarms.schemas import load_alarm
from canyu.ops.alerts.models import (
    Addressed,
    AlertRoute,
    AlertRule,
    FiredAlert,
    Kind,
    Message,
    Selected,
    Sending,
    State,
    Watch,
)
from canyu.ops.alerts.rules import Names, link_posts, tell_alert
from canyu.ops.alerts.schemas import load_alert
from canyu.ops.config import load_config
from canyu.ops.insight.queries import get_labels
from canyu.ops.lakes import find_lake
from canyu.ops.people.models import Person

PAGE_ALERTS = 20
EXCERPT_LETTERS = 200
MOST_MESSAGES = 50
MOST_KNOWN = 1000
ONLY = 1  # the one row of Watch


@dataclass(frozen=True, slots=True)
class Excerpt:
    """One post behind an alert."""

    id: str
    text: str
    time: datetime
    channel: str | None
    sentiment: str | None


@dataclass(frozen=True, slots=True)
class AlertView:
    """One alert as a page shows it."""

    row: FiredAlert
    alert: Alert
    name: Words
    words: Words
    posts: tuple[Excerpt, ...]
    posts_params: dict[str, str]

    @property
    def is_going_on(self) -> bool:
        """Whether it had not ended at the last hour counted."""
        return self.row.ended is None

    @property
    def is_gone(self) -> bool:
        """Whether a later check, with other data or settings, did not find it again."""
        return self.row.ended is not None and self.alert.ended is None


@dataclass(frozen=True, slots=True)
class AlarmView:
    """One alert of a post that will go far, as a page shows it."""

    row: FiredAlert
    alarm: Alarm
    name: Words
    words: Words
    outcome: Words
    posts: tuple[Excerpt, ...]
    forecast_params: dict[str, str]
    is_gone = False

    @property
    def is_going_on(self) -> bool:
        """Whether it is not known yet."""
        return self.row.ended is None


@dataclass(frozen=True, slots=True)
class AlertsPage:
    """One page of the list: open ones first."""

    views: tuple[AlertView | AlarmView, ...]
    total: int
    open: int
    page: int

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return max(1, -(-self.total // PAGE_ALERTS))


def get_watch() -> Watch:
    """Return what holds for all alerts; the defaults where nothing was kept yet."""
    return Watch.objects.filter(pk=ONLY).first() or Watch(pk=ONLY)


def list_alerts(viewer: Person, state: str, page: int) -> AlertsPage:  # noqa: ARG001 - reads take the viewer first
    """Return one page of the alerts: new, seen, closed; going on before ended, critical before others, newest first."""
    rows = FiredAlert.objects.filter(state=state) if state in State.values else FiredAlert.objects.all()
    rank = Case(
        *(When(state=name, then=Value(at)) for at, name in enumerate(State.values)), output_field=IntegerField()
    )
    over = Case(When(ended=None, then=Value(0)), default=Value(1), output_field=IntegerField())
    mild = Case(When(severity=Severity.CRITICAL.value, then=Value(0)), default=Value(1), output_field=IntegerField())
    ordered = rows.annotate(rank=rank, over=over, mild=mild).order_by("rank", "over", "mild", "-found", "alert_id")
    chosen = list(ordered[(page - 1) * PAGE_ALERTS : page * PAGE_ALERTS])
    still_open = rows.exclude(state=State.CLOSED).count()
    return AlertsPage(tuple(_view_alerts(chosen)), rows.count(), still_open, page)


def get_alert(viewer: Person, alert_id: str) -> AlertView | AlarmView:  # noqa: ARG001 - reads take the viewer first
    """Return one alert; raises NotFound."""
    row = FiredAlert.objects.filter(alert_id=alert_id).first()
    if row is None:
        raise NotFound(_("There is no such alert."), mend=_("Open it from the list of alerts."))
    return _view_alerts([row])[0]


def list_messages(viewer: Person, alert_id: str = "") -> list[Message]:  # noqa: ARG001 - reads take the viewer first
    """Return the newest messages; of one alert, where it is named."""
    newest = list(Message.objects.order_by("-made_at", "-pk")[: MOST_MESSAGES * 4])
    return [message for message in newest if not alert_id or alert_id in message.alert_ids][:MOST_MESSAGES]


def count_unsent() -> int:
    """Return how many messages wait or were given up."""
    return Message.objects.exclude(sending=Sending.SENT).count()


def list_rules(viewer: Person) -> list[AlertRule]:  # noqa: ARG001 - reads take the viewer first
    """Return every rule, by name."""
    return list(AlertRule.objects.order_by("name"))


def list_routes(viewer: Person) -> list[AlertRoute]:  # noqa: ARG001 - reads take the viewer first
    """Return every route, by team."""
    return list(AlertRoute.objects.order_by("team", "pk"))


def get_rule(viewer: Person, rule_id: int) -> AlertRule:  # noqa: ARG001 - reads take the viewer first
    """Return one rule; raises NotFound."""
    found = AlertRule.objects.filter(pk=rule_id).first()
    if found is None:
        raise NotFound(_("There is no such rule."))
    return found


def get_route(viewer: Person, route_id: int) -> AlertRoute:  # noqa: ARG001 - reads take the viewer first
    """Return one route; raises NotFound."""
    found = AlertRoute.objects.filter(pk=route_id).first()
    if found is None:
        raise NotFound(_("There is no such route."))
    return found


def find_active_rules() -> list[Rule]:
    """Return the rules that are on, as the engine reads them."""
    return [
        Rule(
            name=row.name,
            team=row.team,
            at_least=row.at_least,
            hours=row.hours,
            ratio=row.ratio,
            selection=_read_selection(row),
            severity=Severity(row.severity),
            quiet=read_quiet(row),
        )
        for row in AlertRule.objects.filter(is_on=True).order_by("name")
    ]


def find_active_routes() -> list[tuple[Route, tuple[str, ...]]]:
    """Return the routes that are on, as the engine reads them, each with the names of its addresses."""
    return [
        (
            Route(row.team, _read_selection(row), read_quiet(row), Severity(row.least_severity), row.time_zone),
            tuple(row.addresses),
        )
        for row in AlertRoute.objects.filter(is_on=True).order_by("team", "pk")
    ]


def list_fired_since(since: datetime) -> list[FiredAlert]:
    """Return the alerts that were found since then, oldest first: for who is told by webhook."""
    return list(FiredAlert.objects.filter(found__gte=since).order_by("found", "pk"))


def find_known_alerts() -> dict[str, Alert]:
    """Return the newest alerts that earlier checks kept, by id: their posts need not be looked up again."""
    rows = FiredAlert.objects.filter(kind=Kind.BURST).order_by("-found")[:MOST_KNOWN]
    return {row.alert_id: load_alert(row.facts) for row in rows}


def get_names() -> Names:
    """Return what catalogue entries and aspects are called."""
    return Names(get_labels())


def _read_selection(row: Selected) -> Selection:
    return Selection(tuple(row.products), tuple(row.aspects), tuple(row.sentiments))


def read_quiet(row: Addressed) -> QuietHours | None:
    """Return the quiet hours of a rule or route, None where it has none."""
    if row.quiet_from is None or row.quiet_to is None:
        return None
    return QuietHours(row.quiet_from, row.quiet_to, row.time_zone)


def _view_alerts(rows: Sequence[FiredAlert]) -> list[AlertView | AlarmView]:
    zone, names = load_config().zone, get_names()
    alerts = {row.pk: load_alert(row.facts) for row in rows if row.kind == Kind.BURST}
    alarms = {row.pk: load_alarm(row.facts) for row in rows if row.kind == Kind.FORECAST}
    ids = [name for row in rows for name in row.facts["evidence"]]
    posts = read_excerpts(find_lake(), ids, _list_days(alerts.values(), alarms.values()))
    views: list[AlertView | AlarmView] = []
    for row in rows:
        shown = tuple(posts[name] for name in row.facts["evidence"] if name in posts)
        if alarm := alarms.get(row.pk):
            told = (name_alarm(alarm, zone), write_alarm(alarm, zone), write_outcome(alarm))
            views.append(AlarmView(row, alarm, *told, shown, link_forecast(alarm)))
        else:
            alert = alerts[row.pk]
            said = (names.tell(alert.series), tell_alert(alert, names, zone))
            views.append(AlertView(row, alert, *said, shown, link_posts(alert, zone)))
    return views


def read_excerpts(lake: Lake | None, posts: Iterable[str], days: list[date]) -> dict[str, Excerpt]:
    """Return these posts of some days by id; one that was erased since is not among them."""
    ids = sorted(set(posts))
    versions = {} if lake is None else lake.versions()
    if lake is None or not ids or "scores" not in versions:
        return {}
    read = tuple((name, versions.get(name)) for name in ("events", "scores", "listenings"))
    key = (identify_lake(lake), read, tuple(ids))
    found: dict[str, Excerpt] | None = _EXCERPTS.find(key)
    if found is None:
        found = _read_posts(lake, ids, days)
        _EXCERPTS.keep(key, found)
    return found


def _read_posts(lake: Lake, ids: list[str], days: list[date]) -> dict[str, Excerpt]:
    events, scores = lake.scan("events"), lake.scan("scores")
    events = events.filter(events.day.isin(days), events.id.isin(ids))
    shown = events.select("id", "time", "channel", text=events.text.fill_null("").substr(0, EXCERPT_LETTERS))
    judged = scores.filter(scores.day.isin(days), scores.event_id.isin(ids))
    judged = judged.filter(judged.model_version == find_model_version(lake)).select("event_id", "sentiment")
    rows = lake.engine.run(shown.left_join(judged, [("id", "event_id")])).to_pylist()
    return {row["id"]: Excerpt(row["id"], row["text"], row["time"], row["channel"], row["sentiment"]) for row in rows}


def _list_days(alerts: Iterable[Alert], alarms: Iterable[Alarm]) -> list[date]:
    days = {alarm.posted.astimezone(UTC).date() for alarm in alarms}
    for alert in alerts:
        last = alert.ended or alert.begin + timedelta(hours=48)
        first, count = alert.begin.astimezone(UTC).date(), (last - alert.begin).days + 2
        days |= {first + timedelta(days=at) for at in range(min(count, 4))}
    return sorted(days)


_EXCERPTS = Kept(32)
