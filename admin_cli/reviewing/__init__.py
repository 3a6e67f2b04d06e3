"""`points review`: a queue of reports or of redemptions, one after another, one key per decision.

state     what has been decided, held for some seconds, sent or taken back: pure
session   the walk through a queue; it asks the queue what is special about its cases
reports   the queue of reports; report_card is what is seen of one, geo makes its place a link
redemptions   the queue of redemptions; redemption_card is what is seen of one
lines     what all cards are made of
screen    drawing and asking; keys reads single keys with a time limit
command   the options
"""
