import * as fc from "fast-check";

// Queries over the tables of `non-null-corpus.ts`, made of the forms that the nullability rules speak of.

interface Expressions {
  readonly int: fc.Arbitrary<string>;
  readonly condition: fc.Arbitrary<string>;
}

/** Whole-number expressions and conditions over these columns, a few levels deep. */
function expressionsOver(columns: readonly string[]): Expressions {
  const { int, condition } = fc.letrec<{ int: string; condition: string }>((tie) => {
    const [a, b] = [tie("int"), tie("int")];
    const [p, q] = [tie("condition"), tie("condition")];
    const form = (...parts: (string | fc.Arbitrary<string>)[]): fc.Arbitrary<string> =>
      fc
        .tuple(...parts.map((part) => (typeof part === "string" ? fc.constant(part) : part)))
        .map((texts) => texts.join(""));
    return {
      int: fc.oneof(
        { depthSize: "small", withCrossShrink: true },
        { weight: 6, arbitrary: fc.constantFrom(...columns) },
        { weight: 2, arbitrary: fc.constantFrom("0", "1", "NULL", "7") },
        form("(", a, " + ", b, ")"),
        form("coalesce(", a, ", ", b, ")"),
        form("CASE WHEN ", p, " THEN ", a, " ELSE ", b, " END"),
        form("CASE WHEN ", p, " THEN ", a, " WHEN ", q, " THEN ", b, " ELSE 0 END"),
        form("nullif(", a, ", ", b, ")"),
        form("greatest(", a, ", ", b, ")"),
        form("abs(", a, ")"),
        form("(", a, " // ", b, ")"),
        form("TRY_CAST(", a, " AS TINYINT)"),
        form("CAST(", a, " AS HUGEINT)"),
        form("length(concat('', ", a, "))"),
        form("(SELECT count(*) FROM s WHERE z = ", a, ")"),
        form("(SELECT max(z) FROM s WHERE z > ", a, ")"),
      ),
      condition: fc.oneof(
        { depthSize: "small", withCrossShrink: true },
        { weight: 3, arbitrary: form(a, fc.constantFrom(" = ", " <> ", " < ", " >= "), b) },
        form(a, " IS NULL"),
        form(a, " IS NOT NULL"),
        form(a, fc.constantFrom(" IS DISTINCT FROM ", " IS NOT DISTINCT FROM "), b),
        form(a, fc.constantFrom(" BETWEEN ", " NOT BETWEEN "), b, " AND 5"),
        form(a, fc.constantFrom(" IN ", " NOT IN "), "(", b, ", 1)"),
        form(a, fc.constantFrom(" IN ", " NOT IN "), fc.constantFrom("(SELECT z FROM s)", "(SELECT v FROM u)")),
        form(a, fc.constantFrom(" > ANY ", " > ALL "), fc.constantFrom("(SELECT z FROM s)", "(SELECT v FROM u)")),
        form("(NOT ", p, ")"),
        form("(", p, " AND ", q, ")"),
        form("(", p, " OR ", q, ")"),
        form("(", p, ") IS TRUE"),
        form("(", p, ") IS NOT FALSE"),
        form("EXISTS (SELECT 1 FROM s WHERE z = ", a, ")"),
      ),
    };
  });
  return { int, condition };
}

const overT = expressionsOver(["t.id", "t.x", "t.y"]);
const overBoth = expressionsOver(["t.id", "t.x", "t.y", "s.id", "s.z"]);
const overGroups = expressionsOver(["g", "h", "count(*)", "sum(t.x)", "max(t.y)", "min(t.id)"]);
const overWindows = expressionsOver([
  "t.x",
  "t.id",
  "sum(t.id) OVER (PARTITION BY t.x)",
  "lag(t.id) OVER (ORDER BY t.id)",
  "first_value(t.x) OVER (ORDER BY t.id)",
  "count(t.x) OVER (ORDER BY t.id ROWS 1 PRECEDING)",
  "max(t.y) OVER (ORDER BY t.id ROWS BETWEEN 1 PRECEDING AND 1 PRECEDING)",
]);

const joined = fc
  .tuple(
    fc.constantFrom("JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN"),
    fc.oneof(
      fc.constant("USING (id)"),
      overBoth.condition.map((on) => `ON ${on}`),
    ),
    overBoth.int,
    overBoth.condition,
    fc.boolean(),
  )
  .map(([join, on, value, where, isFiltered]) => {
    const from = `FROM t ${join} s ${on}${isFiltered ? ` WHERE ${where}` : ""}`;
    const id = on.startsWith("USING") ? ", id AS both_ids" : "";
    return `SELECT ${value} AS v, t.id AS t_id, s.id AS s_id, t.x, t.y, s.z${id} ${from}`;
  });

const plain = fc
  .tuple(overT.int, overT.condition, overT.condition)
  .map(([value, flag, where]) => `SELECT ${value} AS v, ${flag} AS f, t.id, t.x, t.y FROM t WHERE ${where}`);

const grouped = fc
  .tuple(
    overT.int,
    overT.int,
    fc.constantFrom(
      "GROUP BY 1, 2",
      "GROUP BY ALL",
      "GROUP BY ROLLUP (1, 2)",
      "GROUP BY GROUPING SETS ((1), (1, 2))",
      "GROUP BY CUBE (1, 2)",
    ),
    overT.condition,
    overGroups.condition,
  )
  .map(([g, h, by, where, having]) => {
    const aggregates = "count(*) AS n, sum(x) AS a, sum(y) AS b, min(id) AS c, list(x) AS l";
    return `SELECT g, h, ${aggregates} FROM (SELECT ${g} AS g, ${h} AS h, * FROM t) t WHERE ${where} ${by} HAVING ${having}`;
  });

const total = fc
  .tuple(overT.int, overT.condition)
  .map(
    ([value, where]) =>
      `SELECT count(*) AS n, max(${value}) AS a, coalesce(sum(${value}), 0) AS b FROM t WHERE ${where}`,
  );

const windowed = fc
  .tuple(overWindows.int, overT.condition, overWindows.condition)
  .map(([value, where, qualify]) => `SELECT ${value} AS v, t.x, t.id FROM t WHERE ${where} QUALIFY ${qualify}`);

const combined = fc
  .tuple(overT.int, overT.int, fc.constantFrom("UNION ALL", "UNION", "EXCEPT", "INTERSECT"), overT.condition)
  .map(
    ([a, b, operation, where]) =>
      `SELECT ${a} AS v, t.x AS w FROM t WHERE ${where} ${operation} SELECT ${b}, t.id FROM t`,
  );

const wrapped = fc
  .tuple(
    fc.oneof(
      plain,
      joined.map((sql) => sql.replaceAll(/t_id|s_id/g, "$&")),
      total,
    ),
    fc.constantFrom("cte", "subquery"),
  )
  .map(([sql, form]) =>
    form === "cte" ? `WITH c AS (${sql}) SELECT *, 1 AS one FROM c` : `SELECT q.*, q.* FROM (${sql}) AS q`,
  );

/** A query that DuckDB can run, most of the time: sums may overflow and types may not fit. */
export const randomQuery: fc.Arbitrary<string> = fc.oneof(plain, joined, grouped, total, windowed, combined, wrapped);
