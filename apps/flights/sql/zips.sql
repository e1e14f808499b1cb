-- Zip codes keep their leading zero.
select count(*) as n, count(*) filter (zip_code like '0%') as leading_zero, min(zip_code) as first, max(length(zip_code)) as width
from zips
