"""Which articles are one item: canonical URLs, near-duplicates, stories."""
