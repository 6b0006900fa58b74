"""The door for deliveries: POST /hooks/SOURCE/ with JSON Lines or a JSON array, signed by the source's secret."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from canyu.kit.clock import get_now
from canyu.kit.errors import CanyuError
from canyu.kit.jsonio import dump_json_bytes
from canyu.kit.words import say
from canyu.ops.config import load_config
from canyu.ops.webhook.actions import take_delivery
from canyu.ops.webhook.rules import WINDOW_S, is_fresh, is_signed, read_secrets
from canyu.ops.webhook.schemas import ReceiptOut

STAMP, SIGNATURE = "X-Canyu-Time", "X-Canyu-Signature"
NOBODY = ("no such source, whose secret nobody knows",)  # an unknown source takes as long to refuse as a known one


@csrf_exempt  # a program has no cookie to abuse: the signature says who it is
@login_not_required
def take_hook(request: HttpRequest, source: str) -> HttpResponse:
    """Take a delivery: 200 with a receipt after the commit; 401 without a right signature; nothing kept otherwise."""
    if request.method != "POST":
        return _refuse(405, "method", say("只接受 POST。", "Only POST is taken."), say("用 POST。", "Use POST."))
    limit = load_config().hook_body_mb << 20
    body = request.read(limit + 1) if _read_length(request) <= limit else None
    if body is None or len(body) > limit:
        return _refuse(
            413,
            "too_large",
            say(f"一次最多 {limit >> 20} MiB。", f"One delivery holds at most {limit >> 20} MiB."),
            say("分成几次发送。", "Send it in parts."),
        )
    if not _is_trusted(request, source, body):
        return _refuse(
            401,
            "unsigned",
            say("来源、时间或签名不对。", "The source, the time or the signature is not right."),
            say(
                f"用该来源的密钥对 时间.正文 签名；时钟误差不超过 {WINDOW_S // 60} 分钟。",
                f"Sign TIME.BODY with the source's secret; clocks may differ by {WINDOW_S // 60} minutes.",
            ),
        )
    try:
        taken = take_delivery(source, body, now=get_now())
    except CanyuError as error:
        return _refuse(error.status, error.code, error.message, error.mend)
    return _answer(200, ReceiptOut.make(taken).model_dump())


def _is_trusted(request: HttpRequest, source: str, body: bytes) -> bool:
    stamp, signature = request.headers.get(STAMP, ""), request.headers.get(SIGNATURE, "")
    secrets = read_secrets(load_config().hook_secrets.get_secret_value())
    is_right = is_signed(secrets.get(source, NOBODY), stamp, body, signature)
    return is_right and source in secrets and is_fresh(stamp, get_now())


def _read_length(request: HttpRequest) -> int:
    stated = request.headers.get("Content-Length", "") or "0"
    return int(stated) if stated.isdigit() else 0


def _refuse(status: int, code: str, message: str, mend: str) -> HttpResponse:
    """Return the fixed shape of every refusal."""
    return _answer(status, {"code": code, "message": message, "mend": mend})


def _answer(status: int, content: dict[str, object]) -> HttpResponse:
    return HttpResponse(
        dump_json_bytes(content), status=status, content_type="application/json", headers={"Cache-Control": "no-store"}
    )
