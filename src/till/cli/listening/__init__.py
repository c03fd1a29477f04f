"""The parts of `till listen`."""
