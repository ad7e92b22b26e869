"""What if: an incident's recovery, computed again under a changed configuration.

model.py declares the values, build.py makes the graph of an incident, engine.py computes it again, changes.py reads
what a user types. Nothing is imported here, for the model of the case holds this model.
"""
