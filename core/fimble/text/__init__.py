"""Pure: text snapshots, line index, positions in UTF-8/16/32, edits."""
