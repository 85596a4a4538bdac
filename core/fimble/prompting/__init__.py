"""Pure: the template model: parse, validate, render."""
