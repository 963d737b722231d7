"""Reading (and later writing) knowledge-base documents."""
