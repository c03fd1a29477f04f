"""Guessing a token or a signature bit by bit tells nothing (delivery.md §10: 38).

Receivers compare signatures; what Till itself compares is tokens, and it looks them up by their SHA-256.
Two things are held apart here. That a guess which shares more with the right token comes no nearer to
what is stored is a law, and cannot fail by chance. That it takes no other time either is measured: the
guesses are mixed at random, so that whatever else the machine does falls on all alike, and no limit is in
seconds. Under the null hypothesis |t| passes 4.5 once in 150,000 times; three times in a row is no chance.
"""

import contextlib
import gc
import random
import statistics
import time

from inside import inside
from till import clock, keys
from till.apps.buckets import OwnBuckets
from till.apps.gate import HEADER, Gate, InvalidToken
from till.deliveries.mistakes import is_signed
from till.deliveries.signature import Secrets, sign
from till.shop import Fidelity
from till.web.call import Request

GUESSES = 100_000
LIMIT = 4.5
TRIES = 3


def guess(right, length, draw, alphabet="0123456789abcdef"):
    """A text that is like `right` in its first `length` letters, and in no more of them."""
    if length == len(right):
        raise ValueError("that would be no guess")
    other = draw.choice([letter for letter in alphabet if letter != right[length]])
    rest = "".join(draw.choices(alphabet, k=len(right) - length - 1))
    return right[:length] + other + rest


def welch(low, high):
    """Welch's t of two samples, less the slowest tenth of both, which is the machine's own."""
    most = sorted(low + high)[int(0.9 * (len(low) + len(high)))]
    low, high = ([each for each in sample if each <= most] for sample in (low, high))
    spread = statistics.variance(low) / len(low) + statistics.variance(high) / len(high)
    return (statistics.fmean(low) - statistics.fmean(high)) / spread**0.5


def guesses_at(right, seed, *, count=GUESSES, alphabet="0123456789abcdef"):
    """Guesses with how much of each is right, all made before the first is timed: making one warms caches."""
    draw = random.Random(seed)
    lengths = [draw.randrange(len(right)) for _ in range(count)]
    made = [(length, guess(right, length, draw, alphabet)) for length in lengths]
    # Copied, so that they lie in memory alike, whatever they were put together from.
    return [(length, f"{each} "[:-1]) for length, each in made]


@contextlib.contextmanager
def undisturbed():
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def far_from_near(made, times, whole):
    """Told apart only now: to sort a time where it is taken would be part of it."""
    near = [took for (length, _), took in zip(made, times, strict=True) if length * 2 >= whole]
    far = [took for (length, _), took in zip(made, times, strict=True) if length * 2 < whole]
    return abs(welch(far, near))


def told(take, right, *, seed=38, **options):
    """How much the time of `take` tells of how much of a guess is right: Welch's t, near and far."""
    times, made = [], guesses_at(right, seed, **options)
    with undisturbed():
        for _, each in made:
            begun = time.perf_counter_ns()
            take(each)
            times.append(time.perf_counter_ns() - begun)
    return far_from_near(made, times, len(right))


def tells_nothing(take, right, **options):
    return any(told(take, right, seed=seed, **options) < LIMIT for seed in range(TRIES))


def test_38_a_guess_that_is_nearer_to_the_token_is_no_nearer_to_what_is_stored():
    draw, right = random.Random(38), keys.mint_token()
    stored = int.from_bytes(keys.digest(right), "big")
    alike = {"near": [], "far": []}
    for _ in range(GUESSES):
        length = draw.randrange(len(right))
        made = int.from_bytes(keys.digest(guess(right, length, draw)), "big")
        alike["near" if length >= 32 else "far"].append(256 - (made ^ stored).bit_length())
    for lengths in alike.values():
        # Half of all digests share no bit at the front, a quarter one, and so on.
        assert 0.9 < statistics.fmean(lengths) < 1.1
        assert max(lengths) < 40


def test_38_the_look_up_of_a_token_takes_no_longer_for_a_nearer_guess(run, tmp_path):
    with inside(run, folder=tmp_path, url=None) as till:
        gate = Gate(
            db=till.parts.db,
            buckets=OwnBuckets(),
            bases=(),
            fidelity=Fidelity.TYPED,
            clock=clock.now,
            sealer=till.parts.api._lent.sealer,
        )

        async def measure(seed):
            times, made = [], guesses_at(till.token, seed)
            with undisturbed():
                for _, each in made:
                    headers = {HEADER: each}
                    request = Request(id="", method="GET", path="/orders", query="", headers=headers)
                    begun = time.perf_counter_ns()
                    with contextlib.suppress(InvalidToken):
                        await gate.identify(request)
                    times.append(time.perf_counter_ns() - begun)
            return far_from_near(made, times, len(till.token))

        assert any(run(measure(seed)) < LIMIT for seed in range(TRIES))


def test_38_the_digest_of_a_token_takes_no_longer_for_a_nearer_guess():
    right = keys.mint_token()
    known = {keys.digest(right): "somebody"}
    assert tells_nothing(lambda made: known.get(keys.digest(made)), right)


def test_38_a_signature_is_compared_in_constant_time():
    body = b'{"order":{}}'
    right = dict(sign(Secrets(current="0f" * 32), "id", 1, body))["X-Genstore-Hmac-Sha256"]
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    assert tells_nothing(lambda made: is_signed("0f" * 32, body, made), right, alphabet=letters)


def test_38_this_measurement_sees_a_comparison_that_ends_early():
    right = keys.mint_token()

    def leaks(made):
        return all(a == b for a, b in zip(made, right, strict=True))

    assert told(leaks, right, count=GUESSES // 10) > 10 * LIMIT
