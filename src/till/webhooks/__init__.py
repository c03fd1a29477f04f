"""Events and the outbox they are committed to."""
