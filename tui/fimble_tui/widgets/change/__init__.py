"""A change to a file, shown hunk by hunk."""
