"""What editors and terminal share; knows neither LSP nor a terminal."""
