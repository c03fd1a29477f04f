"""The parts of `till trigger`."""
