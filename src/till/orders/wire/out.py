"""The kinds of values that answers hold, at hand for the forms of this slice."""

from till.dialect.out import Additive, Money, Out, Time

__all__ = ["Additive", "Money", "Out", "Time"]
