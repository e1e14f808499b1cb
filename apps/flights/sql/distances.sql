-- Do the distances of the source agree with the map?
select
  count(*) as routes,
  count(*) filter (shortest <> longest) as several_distances,
  count(*) filter (abs(great_circle - shortest) > 25) as off_by_25_miles
from routes
