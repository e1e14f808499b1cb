-- What is wrong with the data, counted.
select
  count(*) as total,
  count(*) filter (delay < -60) as too_early,
  count(*) filter (delay > 600) as very_late,
  count(*) filter (not is_plausible) as quarantined,
  (select count(*) from (
    select 1 from flights group by departed_at, delay, distance, origin, destination having count(*) > 1
  )) as dup_groups,
  (select count(*) from airports where state is null) as airports_without_state
from flights
