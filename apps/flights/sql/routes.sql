-- Every pair of airports that flights connect, with both ends on the map.
with pairs as (
  select origin, destination, count(*) as flights, min(distance) as shortest, max(distance) as longest
  from flights
  group by origin, destination
)
select pairs.*, a.latitude as from_latitude, a.longitude as from_longitude, b.latitude as to_latitude, b.longitude as to_longitude
from pairs
join airports a on a.iata = origin
join airports b on b.iata = destination
