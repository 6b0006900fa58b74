"""What comes round each minute: thresholds that were passed, calls of the chain, and the notices sent."""
