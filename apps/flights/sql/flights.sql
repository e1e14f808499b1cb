-- Flights, with a mark on delays that nobody should average.
select date as departed_at, date::date as day, origin, destination, delay, distance,
  delay between -60 and 600 as is_plausible
from raw
