import { readFileSync } from "node:fs";
import { inputsOf, openAnalyzer } from "./duckdb-fixture.ts";
const a = await openAnalyzer();
const inputs = inputsOf({ t: "id BIGINT!, k VARCHAR!, x BIGINT, d DOUBLE, day DATE, ts TIMESTAMP!, dec DECIMAL(18,2), b BOOLEAN", s: "id BIGINT!, y DOUBLE!, z INTEGER" });
const texts = readFileSync(0, "utf8").split("\n").filter(Boolean);
for (const p of await a.parse(texts)) {
  console.log("##", p.text); if (p.error) console.log("  ERR", p.error);
  const r = p.analyze({ inputs });
  console.log("  ", r.kind, p.statements, "tables", r.tables.map(t=>t.name+"@"+t.offset).join(), "rep", r.repeatedTables.join(), "fn", r.functions.join(), "tf", r.tableFunctions.join(), "vol", r.volatile.join(), r.ordered ? "ordered":"");
  for (const o of r.orderDependence) console.log("   !", o.kind, o.what, o.offset, o.message);
}
