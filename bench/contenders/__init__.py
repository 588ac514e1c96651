"""What is measured: each module is one way to get the topic's changes."""
