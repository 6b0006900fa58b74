"""A booking's mail: where, when, what, and the visitor's own link; in the language in which they booked."""

from __future__ import annotations

import hashlib
from email.utils import parseaddr
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.mail import EmailMessage
from django.urls import reverse

from canyu.kit.words import Words
from canyu.ops.stations.models import Notice, Reminder
from canyu.ops.stations.queries import make_link, read_hours
from canyu.ops.stations.rules import SKILLS

SUBJECTS = {
    Notice.BOOKED.value: Words("预约成功：{place} {time}", "Booked: {place}, {time}"),
    Notice.DAY_BEFORE.value: Words("提醒：明天 {place} {time}", "A reminder: {place}, {time}"),
}
TEXT = Words(
    "{name}，您好：\n\n{place}\n{address}\n{time}\n{skill}\n\n查看或取消：{link}\n",
    "Hello {name},\n\n{place}\n{address}\n{time}\n{skill}\n\nSee or cancel it: {link}\n",
)


def write_letter(reminder: Reminder) -> EmailMessage:
    """Return the mail of a notice; its id is the same each time, so that a repeat can be told."""
    booking, station = reminder.booking, reminder.booking.station
    language = booking.language or "zh-hans"
    is_chinese = language.startswith("zh")
    zone = read_hours(station.calendar).zone
    told = {
        "name": booking.name,
        "place": station.name_zh if is_chinese else station.name_en,
        "address": station.address_zh if is_chinese else station.address_en,
        "time": f"{booking.starts_at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M} ({zone})",
        "skill": SKILLS[booking.skill].say(language),
        "link": booking.origin + reverse("booking", args=[make_link(booking)]),
    }
    sender = settings.DEFAULT_FROM_EMAIL
    domain = parseaddr(sender)[1].rpartition("@")[2] or "localhost"
    name = hashlib.blake2b(f"{booking.key} {reminder.notice}".encode(), digest_size=12).hexdigest()
    subject = " ".join(SUBJECTS[reminder.notice].fill(**told).say(language).split())
    return EmailMessage(
        subject, TEXT.fill(**told).say(language), sender, [booking.mail], headers={"Message-ID": f"<{name}@{domain}>"}
    )
