"""A digest to something people see: Slack, HTML, markdown, plain text, terminal."""
