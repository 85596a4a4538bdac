"""Help for people who write templates: findings with ranges, completion, hovers, previews."""
