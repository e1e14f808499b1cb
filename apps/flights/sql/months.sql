-- Flights of each month, on how many days, and their average delay.
select strftime(departed_at, '%Y-%m') as m, count(*) as flights, count(distinct day) as days, avg(delay) as avg_delay
from flights
group by m
order by m
