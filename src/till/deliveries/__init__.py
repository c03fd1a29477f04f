"""Deliveries: how events reach the addresses that subscribed to them, and what came of each attempt."""
