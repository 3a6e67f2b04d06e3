"""`points review`: the queue, one report after another, one key per decision.

state     what has been decided, held for some seconds, sent or taken back: pure
card      one report as the reviewer sees it, with its neighbours; geo makes its place a link
screen    drawing and asking; keys reads single keys with a time limit
command   the walk through the queue, and the options
"""
