"""What does tasks: this process alone, or any number of them over Redis."""
