"""Answers to questions about articles: found in them, quoted word for word, or honestly not there."""
