"""Liquid as themes of a store write it: python-liquid with the tags, filters and objects of a storefront.

No I/O at all: what a page needs comes in by the bundle and the registers, what it is goes out as text.
"""
