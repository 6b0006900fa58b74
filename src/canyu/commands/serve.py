"""``canyu serve``: open the console on a lake, or on a rehearsed brand year."""

from __future__ import annotations

import http.client
import multiprocessing
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from canyu.kit.errors import BadInput, StorageFailure
from canyu.kit.words import Words, say

DEMO_LAKE = Path("demo") / "brand.lake"
START_S = 180
ERRANDS = "canyu.ops.errands"
RESTART_S, END_S = 1.0, 30.0
BACKLOG, BACKPRESSURE = 2048, 1024  # connections that wait, and requests at once in one web process
ANY_ADDRESS = {"0.0.0.0", "::", ""}  # noqa: S104 - the names that mean "all addresses", to warn of them


@click.command(
    help=say(
        "在浏览器里打开控制台；账号和设置存在数据湖旁边。",
        "Open the console in the browser; accounts and settings are kept beside the lake.",
    )
)
@click.option(
    "--lake",
    default="",
    help=say(
        "数据湖的文件夹或地址；默认取 CANYU_LAKE，否则 my.lake。",
        "Folder or address of the lake; default: CANYU_LAKE, else my.lake.",
    ),
)
@click.option("--host", default="127.0.0.1", show_default=True, help=say("监听的地址。", "Address to listen on."))
@click.option(
    "--port",
    default=8000,
    show_default=True,
    envvar="CANYU_PORT",
    type=click.IntRange(0, 65535),
    help=say("端口（或用 CANYU_PORT）；0 表示自动找空闲的。", "Port (also CANYU_PORT); 0 finds a free one."),
)
@click.option(
    "--demo",
    is_flag=True,
    help=say("彩排一个品牌年到 demo/（只做一次），并打开它。", "Rehearse a brand year into demo/ (once) and serve it."),
)
@click.option(
    "--collector-only",
    is_flag=True,
    envvar="CANYU_COLLECTOR_ONLY",
    help=say(
        "只接收事件和短链接，不打开控制台（单独一台机器用）。",
        "Take events and follow short links only, without the console (for a machine of its own).",
    ),
)
@click.option(
    "--reset-password",
    "reset",
    default="",
    metavar=say("账号", "NAME"),
    help=say("给出新的一次性密码，然后结束。", "Print a new one-time password, and end."),
)
def command(lake: str, host: str, port: int, demo: bool, collector_only: bool, reset: str) -> None:
    """Open the console in the browser."""
    if collector_only:
        os.environ["CANYU_COLLECTOR_ONLY"] = "true"
    if demo:
        from canyu.commands.demo import PEOPLE, build_demo

        lake = str(build_demo(DEMO_LAKE))
        os.environ.setdefault("CANYU_AUDIENCE_PEOPLE", str(PEOPLE))
    configure(lake, host)
    prepare()
    if demo:
        from canyu.commands.demo import YEAR, fill_roster
        from canyu.commands.demo_challenge import stage_challenge
        from canyu.commands.demo_live import stage_live
        from canyu.commands.demo_studies import stage_studies

        fill_roster(DEMO_LAKE)
        stage_live(YEAR)
        stage_challenge(YEAR)
        stage_studies(YEAR, DEMO_LAKE)
    if reset:
        from canyu.ops.people.actions import reset_password_by_name

        password = reset_password_by_name(reset)
        click.echo(say(f"{reset} 的一次性密码：{password}", f"One-time password for {reset}: {password}"))
        return
    port = port or find_free_port(host)
    refuse_taken_port(host, port)
    threading.Thread(target=announce, args=(host, port), daemon=True).start()
    with run_errands():
        run_server(host, port)
    click.echo(say("参与已关闭。", "Canyu is closed."))


def configure(lake: str, host: str) -> None:
    """Set the environment that the web processes read; must come before Django is loaded."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "canyu.ops.settings"
    if lake:
        os.environ["CANYU_LAKE"] = lake
    if host in ANY_ADDRESS and not os.environ.get("CANYU_HOSTS"):
        raise BadInput(
            Words(
                "要监听所有地址，须先写明大家会用的主机名。",
                "Listening on every address needs the names that people will use.",
            ),
            mend=Words(
                "请设置 CANYU_HOSTS，例如 CANYU_HOSTS=canyu.example.com,10.0.0.5",
                "Set CANYU_HOSTS, for example CANYU_HOSTS=canyu.example.com,10.0.0.5",
            ),
        )
    from canyu.ops.config import LOCAL_HOSTS, load_config

    if host not in (*LOCAL_HOSTS, *ANY_ADDRESS) and not os.environ.get("CANYU_HOSTS"):
        os.environ["CANYU_HOSTS"] = ",".join((*LOCAL_HOSTS, host))
    load_config.cache_clear()


def prepare() -> None:
    """Bring the database up to date, write the roles, and open the first account where there is none."""
    from canyu.ops.config import load_config

    folder = load_config().state_path
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageFailure(
            Words(
                f"无法建立文件夹 {folder}：{error.strerror}。",
                f"The folder {folder} cannot be made: {error.strerror}.",
            ),
            mend=Words("请把 CANYU_STATE_FOLDER 设为可写的文件夹。", "Set CANYU_STATE_FOLDER to a writable one."),
        ) from error
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import OperationalError, connections

    from canyu.ops.people.actions import create_first_administrator, update_roles

    try:
        call_command("migrate", verbosity=0, interactive=False)
        call_command("createcachetable", verbosity=0)
        update_roles()
        password = None if load_config().collector_only else create_first_administrator()
    except OperationalError as error:
        raise StorageFailure(
            Words(f"无法打开控制台的数据库：{error}。", f"The console's database cannot be opened: {error}."),
            mend=Words(
                f"请让 {folder} 可写，或设置 CANYU_STATE_FOLDER 或 CANYU_DATABASE_URL。",
                f"Make {folder} writable, or set CANYU_STATE_FOLDER or CANYU_DATABASE_URL.",
            ),
        ) from error
    finally:
        connections.close_all()
    if password:
        click.echo(
            say(
                f"\n  首个账号   admin\n  密码       {password}   （一次性：登录时改成你自己的）",
                f"\n  First account   admin\n  Password        {password}   (one-time: you choose your own at sign-in)",
            )
        )


def announce(host: str, port: int) -> None:
    """Tell the address, and how to stop, as soon as the console answers there; tell once where that takes long."""
    shown = "127.0.0.1" if host in ANY_ADDRESS else host
    begun = time.monotonic()
    is_told = False
    while not answers(shown, port):
        if not is_told and time.monotonic() - begun > START_S:
            is_told = True
            told = say(
                f"{START_S} 秒后控制台仍无响应，继续等待；请看上面的信息。",
                f"The console does not answer after {START_S} s yet, and is waited for; see the messages above.",
            )
            click.echo(told, err=True)
        time.sleep(0.1)
    address = f"http://{f'[{shown}]' if ':' in shown else shown}:{port}/"
    click.echo(
        say(
            f"\n  参与已打开  {address}\n  按 Ctrl-C 停止。\n",
            f"\n  Canyu is open at  {address}\n  Stop it with Ctrl-C.\n",
        )
    )


def answers(host: str, port: int) -> bool:
    """Say whether the console answers its health address."""
    door = http.client.HTTPConnection(host, port, timeout=5)
    try:
        door.request("GET", "/healthz", headers={"Host": "localhost"})
        return door.getresponse().status in {200, 301}  # 301: to HTTPS, where that is set
    except (OSError, http.client.HTTPException):
        return False
    finally:
        door.close()


def run_server(host: str, port: int) -> None:
    """Serve until interrupted; requests under way are finished first."""
    from granian.constants import Interfaces
    from granian.log import LogLevels
    from granian.server import Server

    from canyu.ops.config import ENDING, load_config

    config = load_config()
    mark = config.inbox_path / f"ending-{os.getpid()}"
    mark.parent.mkdir(parents=True, exist_ok=True)
    os.environ[ENDING] = str(mark)

    class EndingServer(Server):  # type: ignore[misc, valid-type]  # its kind depends on the interpreter
        """A server that first tells streams of pages to end: it would wait for them, and then kill its workers."""

        def shutdown(self, exit_code: int = 0) -> None:
            mark.touch()
            try:
                super().shutdown(exit_code)
            finally:
                mark.unlink(missing_ok=True)

    # A forked process cannot use the lake when its parent has (deltalake's runtime refuses): start fresh ones.
    multiprocessing.set_start_method("spawn", force=True)
    EndingServer(
        "canyu.ops.asgi:application",
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        workers=config.web_workers,
        backlog=BACKLOG,
        backpressure=BACKPRESSURE,
        respawn_failed_workers=True,
        workers_kill_timeout=10,
        log_level=LogLevels.warning,
        websockets=False,
    ).serve()


@contextmanager
def run_errands() -> Iterator[None]:
    """Keep the process of errands running beside the server; it ends by itself when this process does."""
    is_over = threading.Event()
    running: list[subprocess.Popen[bytes]] = []

    def keep() -> None:
        while not is_over.is_set():
            child = subprocess.Popen([sys.executable, "-m", ERRANDS], stdin=subprocess.PIPE)
            running[:] = [child]
            child.wait()
            is_over.wait(RESTART_S)

    keeper = threading.Thread(target=keep, daemon=True)
    keeper.start()
    try:
        yield
    finally:
        is_over.set()
        for child in running:
            end_errands(child)
        keeper.join(RESTART_S)


def end_errands(child: subprocess.Popen[bytes]) -> None:
    """Let the process finish what it is at, and no longer than half a minute."""
    if child.stdin is not None:
        child.stdin.close()  # what it waits for
    try:
        child.wait(END_S)
    except subprocess.TimeoutExpired:
        child.kill()


def find_free_port(host: str) -> int:
    """Return a port nobody listens on."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def refuse_taken_port(host: str, port: int) -> None:
    """Raise BadInput where somebody listens on the port already."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise BadInput(
                Words(
                    f"{host}:{port} 不能使用：{error.strerror}。", f"{host}:{port} cannot be used: {error.strerror}."
                ),
                mend=Words("请用 --port 换一个，或用 --port 0。", "Choose another one with --port, or --port 0."),
            ) from error
