"""What people see in Slack besides the digest: look-ups, modals, Home. Values in, blocks out."""
