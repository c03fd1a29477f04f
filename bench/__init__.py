"""Measures Till against limits that are measured in the same run, on the same machine, in turn."""
