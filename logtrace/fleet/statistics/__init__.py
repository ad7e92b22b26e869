"""What the cases of a store say together: tables in, frozen values out; `report` is the way in.

Only faults and unnecessary recoveries are counted, each once (logtrace.fleet.views). What is one cluster's incidents
depend on each other, so whatever compares clusters takes one number of each.
"""
