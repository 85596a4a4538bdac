"""Tests of prompt templates that need no model: cases, what they assert, and how they are run."""
