"""The state of an installation outside of its store: how a backup is written and read. It knows nothing of a store."""
