"""`router_settings`, `litellm_settings` and `general_settings` as the rules of one of our gateways."""

from typing import Any, Final

from gateway.importing.ledger import Spot
from gateway.importing.upstreams import Upstreams
from gateway.importing.words import money, reference, seconds, slug, window
from gateway.providers import litellm
from gateway.settings.spend_limits import MOST

MOST_ATTEMPTS: Final = 10
MOST_DELAY: Final = 60
MOST_FAILURES: Final = 1000
USUAL_TTL: Final = "10m"
IN_MEMORY: Final = ("local", "")
WINS: Final = "another one of the file wins"


class Rules:
    """What a gateway of ours says besides its keys and fallbacks; `settings` are the blocks, the stronger first."""

    def __init__(self, router: Spot, settings: Spot, general: Spot, upstreams: Upstreams) -> None:
        self.router, self.settings, self.general, self.upstreams = router, settings, general, upstreams
        self.server: dict[str, Any] = {}
        self.block: dict[str, Any] = {}
        self.limits: list[dict[str, Any]] = []
        """Of `rate_limit`."""

    def read(self) -> None:
        """All there is."""
        self.access()
        self.sizes()
        self.deadlines()
        self.retries()
        self.breaker()
        self.cache()
        self.store()
        self.budgets()

    def first(self, *names: str) -> Spot:
        """The first of several settings that is there, in the router's or LiteLLM's own; the others are told of."""
        places = [block.get(name) for name in names for block in (self.router, self.settings) if block.get(name)]
        for place in places[1:]:
            place.say(WINS)
        return places[0] if places else self.router.get(names[0])

    def access(self) -> None:
        """Who may call: LiteLLM's master key opens the gateway too."""
        key = self.general.get("master_key")
        if not key:
            # Clients of an open LiteLLM send any word as their key; it is not to go to a provider.
            self.block["client_keys"] = "ignore"
            return
        token = self.upstreams.secret(key, "MASTER_KEY", "master key").written()
        self.block["authentication"] = {"tokens": [{"name": "master", "token": token}]}

    def sizes(self) -> None:
        """Bounds of the whole."""
        for name in ("max_request_size_mb", "global_max_parallel_requests", "max_parallel_requests"):
            spot = self.general.get(name)
            count = spot.whole()
            if count is None or count > 10**6:
                continue
            if name == "max_request_size_mb":
                self.server["max_request_bytes"] = f"{count}MiB" if count < 10**5 else "100000MiB"
            elif not any(limit["name"] == "all" for limit in self.limits):
                self.limits.append({"name": "all", "concurrent": count})
            else:
                spot.say(WINS)
                continue
            spot.carry()

    def deadlines(self) -> None:
        """Seconds as deadlines."""
        found: dict[str, Any] = {}
        for ours, names in (("first_byte", ("stream_timeout",)), ("total", ("timeout", "request_timeout"))):
            spot = self.first(*names)
            if written := seconds(spot.number()):
                found[ours] = written
                spot.say(f"as `timeout.{ours}`")
        if found:
            self.block["timeout"] = found

    def retries(self) -> None:
        """Retries as attempts."""
        spot = self.first("num_retries", "max_retries")
        count = spot.number()
        if count is None or count != count.to_integral_value():
            return
        attempts = min(int(count) + 1, MOST_ATTEMPTS)
        if count + 1 > MOST_ATTEMPTS:
            spot.say(f"{MOST_ATTEMPTS} attempts are the most")
        spot.carry()
        if attempts == 1:
            return
        self.block["retry"] = {"attempts": attempts}
        delay = self.first("retry_after")
        if (written := seconds(delay.number())) and (delay.number() or 0) <= MOST_DELAY:
            self.block["retry"]["delay"] = written
            delay.carry()

    def breaker(self) -> None:
        """Cooling down as circuit breaking."""
        off = self.first("disable_cooldowns")
        if off.value() is True:
            off.carry()
            return
        fails, rest = self.first("allowed_fails"), self.first("cooldown_time")
        count, open_for = fails.number(), seconds(rest.number())
        found: dict[str, Any] = {}
        if count is not None and count == count.to_integral_value() and count < MOST_FAILURES:
            found = {"failures": int(count) + 1, "per": "1m", "ratio": 0}
            fails.carry()
        if open_for:
            found["open"] = open_for
            rest.carry()
        if found:
            self.block["circuit_breaker"] = found | {"on": ["error", "timeout", 429]}

    def cache(self) -> None:
        """An exact cache; others are told of."""
        wanted, params = self.settings.get("cache"), self.settings.get("cache_params")
        kind, mode = params.get("type"), params.get("mode")
        if wanted.value() is not True:
            if wanted.value() is False:
                wanted.carry()
            return
        if kind.text() not in (*IN_MEMORY, "redis") or mode.text() == "default_off":
            wanted.say("not on: clients ask for it with cf-aig-cache-key, or say `cache: {ttl: …}`")
            return
        wanted.say("answers are shared by calls with the same token; LiteLLM shares them among all: `cache.scope`")
        kind.carry()
        ttl = params.get("ttl")
        written = seconds(ttl.number())
        good = bool(written) and (ttl.number() or 0) <= 30 * 86400
        self.block["cache"] = {"ttl": written if good else USUAL_TTL}
        if good:
            ttl.carry()

    def store(self) -> None:
        """Redis, where the cache or the router has one."""
        params = self.settings.get("cache_params")
        for block, before in ((params, ""), (self.router, "redis_")):
            host, port, password = (block.get(before + name) for name in ("host", "port", "password"))
            address = block.get("url" if not before else "redis_url")
            state = self.redis(host, port, password) if host else self.by_url(address)
            if state and self.server.setdefault("state", state) != state:
                host.say("another Redis of the file wins")

    def by_url(self, spot: Spot) -> str:
        """A Redis URL that a variable holds; one that stands there may have a password in it."""
        if not spot.text():
            return ""
        return self.upstreams.secret(spot, "REDIS_URL", "URL of Redis").written()

    def redis(self, host: Spot, port: Spot, password: Spot) -> str:
        """A Redis URL out of its parts."""
        place, number = reference(host.text()), reference(port.text())
        name = place.written() if place else host.text()
        if not place and not all(part.isalnum() and part.isascii() for part in name.replace("-", ".").split(".")):
            return ""
        count = port.whole()
        digits = number.written() if number else str(count) if count and count < 65536 else "6379"
        host.carry()
        if number or digits == str(count):
            port.carry()
        secret = ""
        if password.text():
            secret = f":{self.upstreams.secret(password, 'REDIS_PASSWORD', 'password').written()}@"
            password.say("within a URL: percent-encode what is not a letter or digit")
        return f"redis://{secret}{name}:{digits}"

    def budgets(self) -> None:
        """US dollars per time, of all calls and of providers."""
        amount, time = self.settings.get("max_budget"), self.settings.get("budget_duration")
        found = [self.budget("all", amount, time, {})] if amount else []
        for word, block in self.router.get("provider_budget_config").pairs():
            theirs = litellm.load().get(word)
            limit = block.get("budget_limit") or block.get("max_budget")
            span = block.get("time_period") or block.get("budget_duration")
            if theirs is None or not theirs.to:
                block.say("no provider of ours is called so")
            elif limit:
                found.append(self.budget(f"of-{slug(word)}", limit, span, {"provider": theirs.to}))
        if limits := [one for one in found if one]:
            self.block["spend_limits"] = limits

    @staticmethod
    def budget(name: str, amount: Spot, time: Spot, only: dict[str, str]) -> dict[str, Any]:
        """One budget; nothing where its time or its amount is such as we do not have."""
        dollars, span = money(amount.number()), window(time.text())
        if dollars is None or not 0 < dollars <= MOST or not span:
            amount.say("a budget here has an amount above 0 and a time, such as 30d: it is not carried over")
            return {}
        amount.say("calls without a price are refused under a budget: see `prices`, or say `unpriced: allow`")
        time.carry()
        return {"name": name, "limit": dollars, **span, **only}
