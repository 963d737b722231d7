"""What people do in Slack, each kind in a module with one ``register``."""
