"""What else of the workspace a prompt should show: ranked, within a budget, with reasons."""
