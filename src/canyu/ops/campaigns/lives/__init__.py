"""Live sessions of a founder or a KOL: who watched minute by minute, what was ordered, what came after."""
