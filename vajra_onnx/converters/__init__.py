"""Converters: fitted objects to graph functions. One folder per framework, one file per module of the framework."""
