-- Bird strikes by phase of flight: how many, how many with a known speed, and what they cost.
select phase, count(*) as n, count(speed_knots) as with_speed, sum(cost_dollars)::bigint as cost
from strikes
group by phase
order by n desc, phase
