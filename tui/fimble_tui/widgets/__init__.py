"""Widgets by feature; none of them knows a screen."""
