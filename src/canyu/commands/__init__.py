"""One module per word of the command line; each holds one click command or group named ``command``."""
