"""Other tools' prompt files to templates of ours, with a list of what could not come along."""
