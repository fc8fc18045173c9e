"""What a training log shows: overfitting, a gap, noise, and what it cannot tell."""
