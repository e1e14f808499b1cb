// Parses and analyses the SQL of pipeline steps, with the parser of the compute that will run it.
//
//   import { createDuckdbAnalyzer } from "@millrace/dialect";
//
//   const analyzer = createDuckdbAnalyzer({ trees: engine });
//   const [sql] = await analyzer.parse(["SELECT k, first(v) FROM t GROUP BY k"]);
//   sql?.analyze({ inputs: new Map() }).orderDependence; // first() depends on the order of rows
export { createDuckdbAnalyzer } from "./analyzer.ts";
export type { DuckdbAnalyzerOptions } from "./analyzer.ts";
