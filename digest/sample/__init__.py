"""The sample that ships with the program: articles made up for it, dated relative to the day they are written."""
