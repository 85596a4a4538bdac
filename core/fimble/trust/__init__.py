"""What of a repository its user has reviewed and lets take part; decided here and nowhere else."""
