"""Settings: read once, typed, and complete before the application starts."""

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from core import keys
from core.keys import KeyFileError, Ring

DATABASE = "tongxing.db"
HOST = re.compile(r"[a-z0-9.-]+|\[[0-9a-f:]+\]")
HERE = frozenset({"127.0.0.1", "::1", "localhost"})
VENDORS = ("aliyun_sms", "tencent_sms", "wecom", "wechat", "dingtalk")
LOG_LEVELS = ("debug", "info", "warning", "error")


class SettingError(Exception):
    """A setting cannot be used; the text is one line that begins with its name."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What the environment decides; docs/operating.md explains each."""

    home: Path
    database_url: str
    secret_key: str
    keys: Ring
    key_file: Path | None
    vault: Path
    owner_url: str = ""
    site_url: str = "http://127.0.0.1:8000"
    hosts: tuple[str, ...] = ()
    smtp_url: str = ""
    mail_from: str = "tongxing@localhost"
    vendor_urls: Mapping[str, str] = field(default_factory=dict)
    """Where a vendor's channel leads instead of to the vendor itself, by the channel's name."""
    demo: bool = False
    demo_size: str = "city"
    scheduler: bool = True
    tick_seconds: float = 1.0
    lease_seconds: float = 60.0
    send_chunk: int | None = None
    """Messages declared at once; None for what each way says of itself."""
    log_level: str = "info"
    host: str = "127.0.0.1"
    port: int = 8000
    proxies: int = 0
    redis_url: str = ""
    profile: str = "standard"
    page_seconds: int = 30
    """How old a public page that is kept ready may be; 0 makes each one anew."""
    testing: bool = False

    @property
    def secure(self) -> bool:
        """Whether people reach the site over TLS."""
        return self.site_url.startswith("https:")

    @staticmethod
    def home_from_env(default: Path, env: Mapping[str, str] = os.environ) -> Path:
        """Return the folder that holds the database, the keys and the outbox."""
        return Path(env.get("TONGXING_HOME") or default).resolve()

    @classmethod
    def from_env(cls, home: Path, env: Mapping[str, str] = os.environ) -> "Settings":
        """Read the environment; without one, keep everything in one folder."""
        _writable(home)
        demo = _switch(env, "TONGXING_DEMO", default=True)
        database_url = _database(env, "TONGXING_DATABASE_URL", _own_file(home))
        first = not ((home / "secret_key").exists() or (home / DATABASE).exists())
        key_file = _apart(env, "TONGXING_KEY_FILE", home / "key", None if demo else home)
        beside = _apart(env, "TONGXING_VAULT", key_file.with_name("vault"), None if demo else home)
        ring = _ring(key_file, first=first)
        host, port = env.get("HOST") or "127.0.0.1", _port(env.get("PORT") or "8000")
        site_url = _url(env, "TONGXING_SITE_URL", f"http://{host}:{port}", ("http", "https"))
        proxies = _count(env, "TONGXING_PROXIES")
        if demo:
            _only_here(host, site_url, proxies)
        return cls(
            home=home,
            database_url=database_url,
            owner_url=_database(env, "TONGXING_OWNER_URL", ""),
            secret_key=env.get("TONGXING_SECRET_KEY") or _kept_secret(home / "secret_key"),
            keys=ring,
            key_file=key_file,
            vault=beside,
            site_url=site_url.rstrip("/"),
            hosts=_hosts(env.get("TONGXING_HOSTS") or ""),
            smtp_url=_url(env, "TONGXING_SMTP_URL", "", ("smtp", "smtps")),
            mail_from=env.get("TONGXING_MAIL_FROM") or "tongxing@localhost",
            vendor_urls=_vendor_urls(env),
            demo=demo,
            demo_size=_one_of(env, "TONGXING_DEMO_SIZE", "city", ("small", "city", "load")),
            scheduler=_switch(env, "TONGXING_SCHEDULER", default=True),
            tick_seconds=_seconds(env, "TONGXING_TICK_SECONDS", 1.0, least=0.1, most=60),
            lease_seconds=_seconds(env, "TONGXING_LEASE_SECONDS", 60.0, least=2, most=3600),
            send_chunk=_chunk(env, "TONGXING_SEND_CHUNK"),
            log_level=_one_of(env, "TONGXING_LOG_LEVEL", "info", LOG_LEVELS),
            host=host,
            port=port,
            proxies=proxies,
            redis_url=_url(env, "TONGXING_REDIS_URL", "", ("redis", "rediss")),
            profile=_one_of(env, "TONGXING_PROFILE", "standard", ("standard", "mlps3")),
        )


def _only_here(host: str, site_url: str, proxies: int) -> None:
    """Refuse to demonstrate to others: a demonstration shows the codes of its second factor.

    It is what a site is that was not told otherwise, so a real one whose TONGXING_DEMO=0 has been
    lost has to stop, and not to open.
    """
    if host not in HERE:
        raise SettingError("HOST: the demonstration serves this machine only; set 127.0.0.1")
    told = "a demonstration serves this machine only; a real site sets TONGXING_DEMO=0"
    if (urlsplit(site_url).hostname or "") not in HERE:
        raise SettingError(f"TONGXING_SITE_URL: {told}")
    if proxies:
        raise SettingError(f"TONGXING_PROXIES: {told}")


def _writable(home: Path) -> None:
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        probe = home / f".probe-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise SettingError(f"TONGXING_HOME: {home} cannot be written ({error.strerror})") from error


def _own_file(home: Path) -> str:
    return f"sqlite:///{home / DATABASE}"


def _database(env: Mapping[str, str], name: str, default: str) -> str:
    given = env.get(name)
    if not given:
        return default
    scheme = urlsplit(given).scheme
    if scheme == "sqlite" and not given.startswith("sqlite:////"):
        raise SettingError(f"{name}: give SQLite a full path: sqlite:////folder/file")
    if scheme in {"postgresql", "postgres"}:
        return "postgresql+psycopg" + given[len(scheme) :]
    if scheme not in {"sqlite", "postgresql+psycopg"}:
        raise SettingError(f"{name}: use sqlite:////… or postgresql://…")
    return given


def _url(env: Mapping[str, str], name: str, default: str, schemes: tuple[str, ...]) -> str:
    given = env.get(name) or default
    try:
        parts = urlsplit(given)
        known = not given or (parts.scheme in schemes and parts.hostname and parts.port != 0)
    except ValueError:
        known = False
    if not known:
        raise SettingError(f"{name}: not an address that starts with {' or '.join(schemes)}://")
    return given


def _vendor_urls(env: Mapping[str, str]) -> dict[str, str]:
    """Return the vendors' addresses that are set; without TLS only ones on this machine."""
    found = {}
    for vendor in VENDORS:
        name = f"TONGXING_{vendor.upper()}_URL"
        given = _url(env, name, "", ("http", "https"))
        parts = urlsplit(given)
        if parts.scheme == "http" and (parts.hostname or "") not in HERE:
            raise SettingError(f"{name}: http:// is for this machine only; use https://")
        if given:
            found[vendor] = given.rstrip("/")
    return found


def _hosts(given: str) -> tuple[str, ...]:
    names = tuple(name.strip().lower() for name in given.split(",") if name.strip())
    if any(not HOST.fullmatch(name) for name in names):
        raise SettingError("TONGXING_HOSTS: use host names with commas between them, without ports")
    return names


def _switch(env: Mapping[str, str], name: str, *, default: bool) -> bool:
    given = (env.get(name) or ("1" if default else "0")).strip().lower()
    if given not in {"0", "1", "on", "off", "true", "false", "yes", "no"}:
        raise SettingError(f"{name}: use 1 or 0")
    return given in {"1", "on", "true", "yes"}


def _one_of(env: Mapping[str, str], name: str, default: str, known: tuple[str, ...]) -> str:
    given = (env.get(name) or default).strip().lower()
    if given not in known:
        raise SettingError(f"{name}: use one of {', '.join(known)}")
    return given


def _port(given: str) -> int:
    if not given.isascii() or not given.isdigit() or not 0 < int(given) < 65536:
        raise SettingError("PORT: use a number from 1 to 65535")
    return int(given)


def _count(env: Mapping[str, str], name: str) -> int:
    given = env.get(name) or "0"
    if given not in set("0123456789"):
        raise SettingError(f"{name}: use a number from 0 to 9")
    return int(given)


def _seconds(
    env: Mapping[str, str], name: str, default: float, *, least: float, most: float
) -> float:
    try:
        given = float(env.get(name) or default)
    except ValueError:
        given = -1.0
    if not least <= given <= most:
        raise SettingError(f"{name}: use a number of seconds from {least:g} to {most:g}")
    return given


def _chunk(env: Mapping[str, str], name: str) -> int | None:
    given = env.get(name)
    if not given:
        return None
    if not (given.isascii() and given.isdigit() and 1 <= int(given) <= 100):
        raise SettingError(f"{name}: use a number from 1 to 100")
    return int(given)


def _kept_secret(path: Path) -> str:
    """Return the secret in the file; the first start makes it, readable by its owner only."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii").strip()
    with os.fdopen(handle, "w") as file:
        secret = secrets.token_hex(32)
        file.write(secret + "\n")
    return secret


def _apart(env: Mapping[str, str], name: str, default: Path, home: Path | None) -> Path:
    """Return a file that a real site keeps outside its data folder, so no backup holds both."""
    path = Path(env.get(name) or default).absolute()
    if home is not None and path.resolve().is_relative_to(home):
        raise SettingError(f"{name}: a real site keeps it outside of {home} and its backups")
    if not path.parent.is_dir():
        raise SettingError(f"{name}: there is no folder {path.parent}")
    return path


def _ring(path: Path, *, first: bool) -> Ring:
    """Return the keys; only a site's very first start makes them by itself."""
    if not first and not path.exists():
        raise SettingError(f"TONGXING_KEY_FILE: {path} is missing; what is sealed needs that key")
    try:
        keys.make(path)
        return keys.load(path)
    except KeyFileError as error:
        raise SettingError(f"TONGXING_KEY_FILE: {error}") from error
