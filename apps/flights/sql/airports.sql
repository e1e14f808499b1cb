-- The source writes NA where an airport is in no state.
select iata, name, city, nullif(state, 'NA') as state, latitude, longitude
from raw
