"""What is counted over stories: by day, topic, publisher and score."""
