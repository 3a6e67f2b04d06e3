"""How answers are printed.

columns   what a value is: a code, a number, a time, a word, free text
tables    which columns fit the screen, and the lines
text      cells that are as wide as they look, control characters made visible
words     what people read for the API's values
times     instants in the programme's zone
"""
