"""The workspaces that a bot serves: what was installed there, and what they delivered."""
