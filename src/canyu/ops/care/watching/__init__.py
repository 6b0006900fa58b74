"""The watch list of smearing beside the queue of claims to check: who of it wrote or passed on which claim."""
