"""Slack, and the command line. Everything that decides lives in ``digest``."""
