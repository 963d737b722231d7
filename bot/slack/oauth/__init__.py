"""Several workspaces: each installs the app by itself, and its token lies encrypted in Redis."""
