"""`abm-lab serve`: one simulated rollout that answers over real protocols, on loopback only.

`world` knows what is true at its clock's instant; each service tells of it in the words of the side that it plays.
"""
