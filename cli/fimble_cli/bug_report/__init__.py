"""What `fimble bugreport` puts into a bundle, and what it takes out of it."""
