"""Bench: how fast a model answers, in this process and over the wire, always as a ratio to something."""
