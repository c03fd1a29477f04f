"""A forward proxy on this machine that answers for Genstore's hosts with Till, and lets all others be."""
