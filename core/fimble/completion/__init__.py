"""Pure: prompt sessions, request planning, stop rules, post-processing, reuse."""
