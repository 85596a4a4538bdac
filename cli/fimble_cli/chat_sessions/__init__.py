"""What `fimble chat` does with stored sessions without showing the chat."""
