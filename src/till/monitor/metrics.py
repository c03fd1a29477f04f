"""The figures of apps for Prometheus: raised whenever a process writes down what it counted."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from till.monitor.deprecated import instead_of
from till.tallies import UNTIMED, micros_of
from till.web.metrics import SECONDS
from till.web.tally import Batch

# So many series of calls are told apart; what comes after them is counted for `other` apps.
MOST_SERIES = 5_000
MOST_APPS = 500
OTHER = "other"
THROTTLED = 429


class AppMetrics:
    """Calls, refusals by the rate limit, deprecated calls, attempts and times of each app."""

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
        self._installations = Gauge(
            "till_app_installations",
            "Shops that have the app.",
            ("client_id",),
            registry=registry,
            multiprocess_mode="mostrecent",
        )
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
        for (client_id, outcome), n in batch.attempts.items():
            self._attempts.labels(self._app(client_id), outcome).inc(n)

    def installed(self, counts: dict[str, int]) -> None:
        """Take over how many shops have each app."""
        for client_id in self._apps - counts.keys() - {OTHER}:
            self._installations.labels(client_id).set(0)
        others = 0
        for client_id, n in counts.items():
            app = self._app(client_id)
            if app == OTHER:
                others += n
            else:
                self._installations.labels(app).set(n)
        if others:
            self._installations.labels(OTHER).set(others)

    def _app(self, client_id: str) -> str:
        """The label of an app, as long as there are not too many."""
        if client_id not in self._apps:
            if len(self._apps) >= MOST_APPS:
                return OTHER
            self._apps.add(client_id)
        return client_id


def _observe(child: Histogram, seconds: float, n: int, total: float) -> None:
    """Observe `n` times at once, which the library has no word for: one by one they would cost too much."""
    child._sum.inc(total)  # noqa: SLF001 - as Histogram.observe does it
    for bound, bucket in zip(child._upper_bounds, child._buckets, strict=True):  # noqa: SLF001 - likewise
        if seconds <= bound:
            bucket.inc(n)
            return
