import { pipeline } from "millrace";
import { greatCircleMiles } from "../src/great-circle.ts";

/** Data comes with the npm package; nothing is downloaded. */
const data = "node_modules/vega-datasets/data";

const measuredColumns = {
  origin: "VARCHAR",
  destination: "VARCHAR",
  flights: "BIGINT!",
  shortest: "BIGINT",
  longest: "BIGINT",
  great_circle: "DOUBLE!",
} as const;

export default pipeline("flights", { description: "Six questions to three million US flights of early 2001" }, (p) => {
  // Bronze: what the sources say, column by column.
  const rawFlights = p.ingest("raw_flights", `${data}/flights-3m.parquet`, { medallion: "bronze" });
  const rawAirports = p.ingest("raw_airports", `${data}/airports.csv`, { medallion: "bronze" });
  const rawStrikes = p.ingest("raw_strikes", `${data}/birdstrikes.csv`, { medallion: "bronze" });
  const zips = p.ingest("raw_zips", `${data}/zipcodes.csv`, {
    medallion: "bronze",
    // Declared, since "00501" is a name and not the number 501.
    columns: { zip_code: "VARCHAR", latitude: "DOUBLE", longitude: "DOUBLE", city: "VARCHAR", state: "VARCHAR", county: "VARCHAR" },
  });

  // Silver: one meaning a column.
  const flights = p.sql("flights", { raw: rawFlights }, /* sql */ `
    select date as departed_at, date::date as day, origin, destination, delay, distance,
      delay between -60 and 600 as is_plausible
    from raw`, { medallion: "silver", explain: { purpose: "Flights with a mark on delays that nobody should average." } });
  const airports = p.sql("airports", { raw: rawAirports }, /* sql */ `
    select iata, name, city, nullif(state, 'NA') as state, latitude, longitude
    from raw`, { medallion: "silver" });
  const strikes = p.sql("strikes", { raw: rawStrikes }, /* sql */ `
    select "Flight Date" as day, "Phase of flight" as phase, "Speed IAS in knots" as speed_knots,
      "Cost Total $" as cost_dollars
    from raw`, { medallion: "silver" });
  const usual = p.sql("usual_flights", { flights }, /* sql */ `
    select day, delay from flights where is_plausible`, { medallion: "silver" });

  // Gold: what people ask for.
  const states = p.sqlFile("states", { flights, airports }, "../sql/states.sql", { medallion: "gold" });
  const days = p.sql("days", { usual }, /* sql */ `
    select day, count(*) as flights, avg(delay) as avg_delay, max(delay) as worst_delay
    from usual group by day order by day`, { medallion: "gold" });
  const routes = p.sqlFile("routes", { flights, airports }, "../sql/routes.sql", { medallion: "silver" });
  const measured = p.map("measured_routes", routes, measuredColumns, (route) => {
    const { from_latitude, from_longitude, to_latitude, to_longitude, ...known } = route;
    // A route is measured only where both of its airports are on the map.
    if (from_latitude === null || from_longitude === null || to_latitude === null || to_longitude === null) return undefined;
    return { ...known, great_circle: greatCircleMiles([from_latitude, from_longitude], [to_latitude, to_longitude]) };
  }, { medallion: "gold" });

  const gold = { states, days, measured_routes: measured };
  for (const [name, dataset] of Object.entries(gold)) p.store(`save_${name}`, dataset, `gold/${name}.parquet`);

  // The six answers of the case, each a dataset and a file of its own.
  const answers = {
    v1_state: p.sql("v1_state", { states }, `select * from states where state is not null order by flights desc, state limit 12`),
    v2_dirty: p.sqlFile("v2_dirty", { flights, airports }, "../sql/dirty.sql"),
    v3_daily: p.sqlFile("v3_daily", { flights }, "../sql/months.sql"),
    v4_distance: p.sqlFile("v4_distance", { routes: measured }, "../sql/distances.sql"),
    v5_strikes: p.sqlFile("v5_strikes", { strikes }, "../sql/strikes.sql"),
    v6_zip: p.sqlFile("v6_zip", { zips }, "../sql/zips.sql"),
  };
  for (const [name, dataset] of Object.entries(answers)) p.store(`save_${name}`, dataset, `gold/answers/${name}.parquet`);
  return answers;
});
