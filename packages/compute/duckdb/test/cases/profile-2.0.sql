-- DuckDB 2.0.0. a.csv: id 0..999999, k = id % 100, s = 'x' || id. b.parquet: k 0..99, g = k % 3.
EXPLAIN (ANALYZE, FORMAT json) COPY (
WITH "mr:1" AS NOT MATERIALIZED (SELECT * FROM read_csv(['a.csv'], header=true, columns={id:'BIGINT',k:'BIGINT',s:'VARCHAR'}, auto_detect=false)), "mr:2" AS NOT MATERIALIZED (SELECT * FROM read_parquet(['b.parquet'])),
"mr:3" AS (WITH raw AS NOT MATERIALIZED (SELECT * FROM "mr:1") SELECT * EXCLUDE ("mr:3") FROM (SELECT *, 3::SMALLINT AS "mr:3" FROM (select * from raw where k > 10
) LIMIT 9000000000000000003 OFFSET 0) WHERE "mr:3" >= 0), "mr:4" AS (WITH d AS NOT MATERIALIZED (SELECT * FROM "mr:2") SELECT * EXCLUDE ("mr:4") FROM (SELECT *, 4::SMALLINT AS "mr:4" FROM (select * from d where g <> 1
) LIMIT 9000000000000000004 OFFSET 0) WHERE "mr:4" >= 0), "mr:5" AS (WITH a AS NOT MATERIALIZED (SELECT * FROM "mr:3"), b AS NOT MATERIALIZED (SELECT * FROM "mr:4") SELECT * EXCLUDE ("mr:5") FROM (SELECT *, 5::SMALLINT AS "mr:5" FROM (select a.*, b.g from b join a using (k)
) LIMIT 9000000000000000005 OFFSET 0) WHERE "mr:5" >= 0)
SELECT k, count(*) n, max(s) m FROM "mr:5" WHERE id % 7 > 0 GROUP BY 1
) TO 'out.parquet' (FORMAT parquet);
