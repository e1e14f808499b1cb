-- Flights, their average delay and miles, by the state they leave from.
select state, count(*) as flights, avg(delay) as avg_delay, sum(distance)::bigint as miles
from flights
join airports on origin = iata
group by state
