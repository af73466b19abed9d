"""Parity: the proof that a graph equals its original. The package imports nothing by itself: the server reads certificates."""
