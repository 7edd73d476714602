"""The parts of the pricing pages: the question and its controls, the answers, trust, and saved scenarios."""
