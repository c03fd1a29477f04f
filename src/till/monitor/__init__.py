"""How apps fare: what they call, what they are sent, what is wrong with them and what to do about it."""
