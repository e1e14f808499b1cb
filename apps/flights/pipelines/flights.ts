import { type Dataset, pipeline } from "millrace";
import { greatCircleMiles } from "../src/great-circle.ts";

/** Data comes with the npm package; nothing is downloaded. */
const data = "node_modules/vega-datasets/data";

/** Declared, since "00501" is a name and not the number 501. */
const zipColumns = {
  zip_code: "VARCHAR",
  latitude: "DOUBLE",
  longitude: "DOUBLE",
  city: "VARCHAR",
  state: "VARCHAR",
  county: "VARCHAR",
} as const;

const measuredColumns = {
  origin: "VARCHAR",
  destination: "VARCHAR",
  flights: "BIGINT!",
  shortest: "BIGINT",
  longest: "BIGINT",
  great_circle: "DOUBLE!",
} as const;

const bronze = { medallion: "bronze" } as const;
const silver = { medallion: "silver" } as const;
const gold = { medallion: "gold" } as const;

export default pipeline("flights", { description: "Six questions to three million US flights of early 2001" }, (p) => {
  // Bronze: what the sources say, column by column.
  const rawFlights = p.ingest("raw_flights", `${data}/flights-3m.parquet`, bronze);
  const rawAirports = p.ingest("raw_airports", `${data}/airports.csv`, bronze);
  const rawStrikes = p.ingest("raw_strikes", `${data}/birdstrikes.csv`, bronze);
  const zips = p.ingest("raw_zips", `${data}/zipcodes.csv`, { ...bronze, columns: zipColumns });

  // Silver: one meaning a column.
  const flights = p.sqlFile("flights", { raw: rawFlights }, "../sql/flights.sql", silver);
  const airports = p.sqlFile("airports", { raw: rawAirports }, "../sql/airports.sql", silver);
  const strikes = p.sqlFile("strikes", { raw: rawStrikes }, "../sql/strikes.sql", silver);
  const usual = p.sql("usual_flights", { flights }, "select day, delay from flights where is_plausible", silver);
  const routes = p.sqlFile("routes", { flights, airports }, "../sql/routes.sql", silver);

  // Gold: what people ask for.
  const states = p.sqlFile("states", { flights, airports }, "../sql/states.sql", gold);
  const days = p.sqlFile("days", { usual }, "../sql/days.sql", gold);
  const measured = p.map("measured_routes", routes, measuredColumns, (route) => {
    const { from_latitude, from_longitude, to_latitude, to_longitude, ...known } = route;
    // Left out where an end of the route is not on the map.
    if (from_latitude === null || from_longitude === null || to_latitude === null || to_longitude === null)
      return undefined;
    const great_circle = greatCircleMiles([from_latitude, from_longitude], [to_latitude, to_longitude]);
    return { ...known, great_circle };
  });

  const save = (dataset: Dataset<unknown>, folder: string): void =>
    p.store(`save_${dataset.name}`, dataset, `${folder}/${dataset.name}.parquet`);
  for (const dataset of [states, days, measured]) save(dataset, "gold");

  // Six answers, each a dataset and a file of its own.
  const answers = {
    v1_state: p.sqlFile("v1_state", { states }, "../sql/busiest.sql", gold),
    v2_dirty: p.sqlFile("v2_dirty", { flights, airports }, "../sql/dirty.sql", gold),
    v3_daily: p.sqlFile("v3_daily", { flights }, "../sql/months.sql", gold),
    v4_distance: p.sqlFile("v4_distance", { routes: measured }, "../sql/distances.sql", gold),
    v5_strikes: p.sqlFile("v5_strikes", { strikes }, "../sql/phases.sql", gold),
    v6_zip: p.sqlFile("v6_zip", { zips }, "../sql/zips.sql", gold),
  };
  for (const dataset of Object.values(answers)) save(dataset, "gold/answers");
  return answers;
});
