"""The terminal's tests: pure parts directly, the program itself as a process against an API on a socket."""
