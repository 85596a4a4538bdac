"""Pure: path containment, secret and ignore rules, printable text, endpoint locality."""
