"""Where events come from, and where they are told on: write keys, quarantine, volumes, outbound webhooks."""
