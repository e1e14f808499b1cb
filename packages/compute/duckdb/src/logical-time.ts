/**
 * Macros that give the run's logical time instead of the clock.
 *
 * They stand in `main` of the instance, which every connection searches before the built-in functions: a macro on one
 * connection's search path alone would leave the next connection on the real clock, silently. Calls that name the
 * schema (`system.main.now()`) still reach the clock; the analyzer refuses those.
 */
export function logicalTimeMacros(time: Date): readonly string[] {
  const text = time.toISOString().replace("T", " ").replace("Z", "");
  const [date, clock] = text.split(" ") as [string, string];
  const literals = [
    {
      literal: `TIMESTAMPTZ '${text}+00'`,
      names: ["now", "get_current_timestamp", "current_timestamp", "transaction_timestamp"],
    },
    { literal: `TIMESTAMP '${text}'`, names: ["localtimestamp", "current_localtimestamp"] },
    { literal: `DATE '${date}'`, names: ["current_date", "today"] },
    { literal: `TIME '${clock}'`, names: ["localtime", "current_localtime"] },
    { literal: `TIMETZ '${clock}+00'`, names: ["current_time", "get_current_time"] },
  ];
  return [
    ...literals.flatMap(({ literal, names }) => names.map((name) => `CREATE MACRO main."${name}"() AS ${literal}`)),
    // With one argument, age() counts from midnight of the current day.
    `CREATE MACRO main.age(a) AS system.main.age(TIMESTAMP '${date} 00:00:00', a), (a, b) AS system.main.age(a, b)`,
  ];
}
