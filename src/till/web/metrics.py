"""What the server counts of itself, for Prometheus."""

import os

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest, multiprocess

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
# Under this name a scope holds the template of its path, where the path itself may tell of a shop or an app.
TEMPLATE = "till.path"
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Metrics:
    """Requests by method, path template and status; their time; refusals by the rate limit.

    Where several processes serve, PROMETHEUS_MULTIPROC_DIR names the folder in which they share
    their figures, and each answers for all.
    """

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "till_requests_total",
            "Requests answered.",
            ("method", "path", "status"),
            registry=self._registry,
        )
        self._seconds = Histogram(
            "till_request_seconds",
            "Time from the head of a request to its answer.",
            ("method", "path"),
            buckets=SECONDS,
            registry=self._registry,
        )
        self._children: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}

    @property
    def registry(self) -> CollectorRegistry:
        """Where other parts of the server add figures of theirs."""
        return self._registry

    def request(self, method: str, path: str, status: int, seconds: float) -> None:
        """Count one answered request; `path` is the endpoint's template, never the path itself."""
        key = (method, path, status)
        found = self._children.get(key)
        if found is None:
            found = (
                self._requests.labels(method, path, str(status)),
                self._seconds.labels(method, path),
            )
            self._children[key] = found
        found[0].inc()
        found[1].observe(seconds)

    def exposition(self) -> bytes:
        """The figures in Prometheus' text format."""
        if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
            return generate_latest(self._registry)
        registry = CollectorRegistry()
        # prometheus-client declares no types here.
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # the library's
        return generate_latest(registry)
