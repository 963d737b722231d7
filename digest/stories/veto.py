"""Pairs that are not one event, however alike their words."""

from __future__ import annotations


def claims(title: str) -> tuple[int, ...]:
    """What ``title`` claims."""
    return ()


def contradict(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    """Whether two titles' claims exclude each other."""
    return False
