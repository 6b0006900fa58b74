"""The room of stations: where people bring their things, when it is open, and who comes when."""
