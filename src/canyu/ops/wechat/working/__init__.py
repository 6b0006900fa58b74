"""What happens with a push after it was acknowledged: a case, a follow-up, an answer of the assistant."""
