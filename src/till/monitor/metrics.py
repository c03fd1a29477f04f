"""The figures of apps for Prometheus: raised whenever a process writes down what it counted."""

from collections import Counter as Counted
from collections import defaultdict
from collections.abc import Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from till.apps.history import REASONS
from till.monitor.deprecated import instead_of
from till.monitor.installed import Standing
from till.tallies import OURS, UNTIMED, micros_of
from till.web.metrics import SECONDS
from till.web.tally import Batch

# So many series of calls are told apart; what comes after them is counted for `other` apps.
MOST_SERIES = 5_000
MOST_APPS = 500
# That a merchant gave another reason, or an app one of its own, goes under the same word.
OTHER, NONE = "other", "none"
THROTTLED = 429


class AppMetrics:
    """What each app calls and is sent, how long that takes, where it is installed and why it had to go.

    No series is by shop: there may be thousands, times all that an app calls.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        self._requests = Counter(
            "till_app_requests_total",
            "Requests of an app that were answered.",
            ("client_id", "path", "version", "status"),
            registry=registry,
        )
        self._throttled = Counter(
            "till_app_throttled_total", "Requests over the rate limit.", ("client_id",), registry=registry
        )
        self._deprecated = Counter(
            "till_app_deprecated_total",
            "Requests of an older version or by an older path.",
            ("client_id",),
            registry=registry,
        )
        self._attempts = Counter(
            "till_app_delivery_attempts_total",
            "Attempts to deliver webhooks by their outcome.",
            ("client_id", "outcome"),
            registry=registry,
        )
        self._seconds = Histogram(
            "till_app_request_seconds",
            "Time from the head of an app's request to its answer, to 2.5 per cent.",
            ("client_id",),
            buckets=SECONDS,
            registry=registry,
        )
        self._retries = Counter(
            "till_app_delivery_retries_total",
            "Attempts to deliver webhooks after the first.",
            ("client_id",),
            registry=registry,
        )
        self._delivery_seconds = Histogram(
            "till_app_delivery_seconds",
            "Time of an attempt to deliver a webhook, to 2.5 per cent.",
            ("client_id",),
            buckets=SECONDS,
            registry=registry,
        )
        self._installations = _gauge(registry, "till_app_installations", "Shops that have the app.")
        self._subscriptions = _gauge(
            registry, "till_app_subscriptions", "Subscriptions of an app by their state.", "state"
        )
        self._uninstalls = _gauge(
            registry,
            "till_app_uninstalls",
            "How often an app was uninstalled, by the reason given.",
            "reason",
        )
        self._shown: dict[Gauge, set[tuple[str, ...]]] = defaultdict(set)
        self._series: set[tuple[str, str, str, int]] = set()
        self._apps: set[str] = set()

    def add(self, batch: Batch) -> None:
        """Count what was written down."""
        for (_, client_id, _, method, path, version, status, bucket), (n, micros) in batch.counts.items():
            app = self._app(client_id)
            series = (app, path, version, status)
            if series not in self._series and len(self._series) >= MOST_SERIES:
                series = (OTHER, OTHER, version, status)
            self._series.add(series)
            self._requests.labels(*map(str, series)).inc(n)
            if status == THROTTLED:
                self._throttled.labels(app).inc(n)
            if instead_of(method, path, version) is not None:
                self._deprecated.labels(app).inc(n)
            if bucket != UNTIMED:
                _observe(self._seconds.labels(app), micros_of(bucket) / 1e6, n, micros / 1e6)
        for (client_id, outcome, bucket, is_retry), (n, micros) in batch.attempts.items():
            app = self._app(client_id)
            self._attempts.labels(app, outcome).inc(n)
            if is_retry:
                self._retries.labels(app).inc(n)
            if outcome != OURS:
                _observe(self._delivery_seconds.labels(app), micros_of(bucket) / 1e6, n, micros / 1e6)

    def stand(self, now: Standing) -> None:
        """Take over how apps stand."""
        installed: Counted[tuple[str, ...]] = Counted({(app,): n for app, n in now.installed.items()})
        uninstalls = Counted[tuple[str, ...]]()
        for (client_id, reason), n in now.uninstalls.items():
            uninstalls[client_id, _reason(reason)] += n
        self._show(self._installations, installed)
        self._show(self._subscriptions, Counted(now.subscriptions))
        self._show(self._uninstalls, uninstalls)

    def _show(self, gauge: Gauge, found: Mapping[tuple[str, ...], int]) -> None:
        """Set a gauge by client id and more; what was shown and is no more is none."""
        shown = self._shown[gauge]
        values = Counted[tuple[str, ...]](dict.fromkeys(shown, 0))
        for (client_id, *more), n in found.items():
            values[self._app(client_id), *more] += n
        for labels, n in values.items():
            gauge.labels(*labels).set(n)
        shown.update(values)

    def _app(self, client_id: str) -> str:
        """The label of an app, as long as there are not too many."""
        if client_id not in self._apps:
            if len(self._apps) >= MOST_APPS:
                return OTHER
            self._apps.add(client_id)
        return client_id


def _gauge(registry: CollectorRegistry, name: str, about: str, *labels: str) -> Gauge:
    """One whose value is the same whichever process read it."""
    return Gauge(name, about, ("client_id", *labels), registry=registry, multiprocess_mode="mostrecent")


def _reason(told: str | None) -> str:
    """One of the reasons there are to choose from; whatever else an app says itself is one."""
    if told is None:
        return NONE
    return told if told in REASONS else OTHER


def _observe(child: Histogram, seconds: float, n: int, total: float) -> None:
    """Observe `n` times at once, which the library has no word for: one by one they would cost too much."""
    child._sum.inc(total)  # noqa: SLF001 - as Histogram.observe does it
    for bound, bucket in zip(child._upper_bounds, child._buckets, strict=True):  # noqa: SLF001 - likewise
        if seconds <= bound:
            bucket.inc(n)
            return
