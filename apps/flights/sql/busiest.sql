-- The twelve states that most flights leave from.
select state, flights, avg_delay, miles
from states
where state is not null
order by flights desc, state, avg_delay, miles
limit 12
