-- Bird strikes with names that SQL can use.
select "Flight Date" as day, "Phase of flight" as phase, "Speed IAS in knots" as speed_knots, "Cost Total $" as cost_dollars
from raw
