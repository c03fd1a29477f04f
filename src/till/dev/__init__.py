"""Development mode: a clock that can be set, bad weather for deliveries, shops in an instant.

Nothing of it is there unless the server was started with `--dev`, on a loopback address.
"""
