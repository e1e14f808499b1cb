-- Flights and delays of each day, without those that are not plausible.
select day, count(*) as flights, avg(delay) as avg_delay, max(delay) as worst_delay
from usual
group by day
order by day
