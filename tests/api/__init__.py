"""HTTP, from outside: who may do what, what is answered, and what is refused how. Both engines, through `client`."""
