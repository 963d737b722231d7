"""Summaries in the language that a channel asked for."""
