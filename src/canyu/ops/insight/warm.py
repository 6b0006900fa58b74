"""Makes the first page ready while people are still signing in: what it needs is loaded and computed once."""

from __future__ import annotations

import logging
import threading

from django.conf import settings

from canyu.measure import compute_overview, render_chart
from canyu.ops.config import load_config
from canyu.ops.insight.queries import get_catalogue, get_labels, get_linker
from canyu.ops.insight.rules import Bounds, parse_overview
from canyu.ops.lakes import find_facts, get_lake

logger = logging.getLogger("canyu.insight")


def start_warming() -> threading.Thread:
    """Begin in the background; the server answers meanwhile, and a failure here is only written down.

    A process that ends waits for the step under way: threads of the engines that are cut off as it ends abort it.
    """
    thread = threading.Thread(target=_warm_quietly, name="canyu-warm")
    thread.start()
    return thread


def warm() -> bool:
    """Compute the overview that opens first and draw its picture; False for an empty lake, or at the end."""
    facts = find_facts()
    if facts is None:
        return False
    bounds = Bounds(facts.first_day, facts.last_day, load_config().zone, get_catalogue().home)
    overview = compute_overview(get_lake(), parse_overview({}, bounds), get_labels())
    for step in (lambda: render_chart(overview.pictures[0], settings.LANGUAGE_CODE), get_linker):
        if not threading.main_thread().is_alive():  # the process ends
            return False
        step()
    return True


def _warm_quietly() -> None:
    try:
        warm()
    except Exception:
        # the page that needs it will say what is wrong, to the person who asked
        logger.warning("the first page could not be made ready", exc_info=True)
