"""Look-ups: which stories and articles there are on something, newest or best first."""
