import type { ValueKind } from "./value-kind.ts";

// What the analysis knows of DuckDB 1.5's functions. `test/function-catalog.test.ts` holds every entry against DuckDB itself:
// its list of functions, and calls with and without NULL.

const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

/** Aggregates, and macros that expand to some. */
export const aggregates: ReadonlySet<string> = words(`
  any_value approx_count_distinct approx_quantile approx_top_k arbitrary arg_max arg_max_null arg_max_nulls_last arg_min
  arg_min_null arg_min_nulls_last argmax argmin array_agg avg bit_and bit_or bit_xor bitstring_agg bool_and bool_or corr
  count count_if countif covar_pop covar_samp entropy favg first fsum geomean geometric_mean group_concat
  histogram histogram_exact json_group_array json_group_object json_group_structure kahan_sum kurtosis kurtosis_pop last
  list listagg mad max max_by mean median min min_by mode product quantile quantile_cont quantile_disc regr_avgx regr_avgy
  regr_count regr_intercept regr_r2 regr_slope regr_sxx regr_sxy regr_syy reservoir_quantile sem skewness stddev stddev_pop
  stddev_samp string_agg sum sumkahan var_pop var_samp variance wavg weighted_avg`);

/** Aggregates that keep what comes first, last or by chance, or everything in the order in which it comes. */
export const orderedAggregates: ReadonlySet<string> = words(`
  any_value approx_quantile approx_top_k arbitrary array_agg first group_concat json_group_array json_group_object
  json_group_structure last list listagg mode reservoir_quantile string_agg`);

/** Functions of a list that do not look at its order. */
export const orderErasing: ReadonlySet<string> = words(`
  list_sort array_sort list_reverse_sort array_reverse_sort len length array_length list_count list_min list_max list_unique
  list_contains list_has array_contains`);

/** `arg_max(x, by)`: rows that tie on `by` compete. */
export const argumentAggregates: ReadonlySet<string> = words(`
  arg_max arg_max_null arg_max_nulls_last arg_min arg_min_null arg_min_nulls_last argmax argmin max_by min_by`);

/**
 * Aggregates that add up doubles whatever they are given.
 *
 * **Source** DuckDB 1.5.6, 2 threads, 2 million rows, run 4 times: results of all differ for floating input, and those of
 * `stddev`, `corr`, `covar_pop`, `kurtosis`, `entropy` and `regr_slope` for INTEGER input too.
 */
export const inexactAggregates: ReadonlySet<string> = words(`
  corr covar_pop covar_samp entropy geomean geometric_mean kurtosis kurtosis_pop product regr_avgx regr_avgy
  regr_intercept regr_r2 regr_slope regr_sxx regr_sxy regr_syy sem skewness stddev stddev_pop stddev_samp var_pop var_samp
  variance`);

/** Aggregates that are exact for integers and decimals, and not for floating numbers. */
export const sums: ReadonlySet<string> = words("sum avg mean");

/** Aggregates that turn decimals into doubles before they add them up. */
export const doubleSums: ReadonlySet<string> = words("fsum kahan_sum sumkahan favg wavg weighted_avg");

/** Window functions whose value is the same for rows that tie. */
export const tieProofWindows: ReadonlySet<string> = words("rank dense_rank rank_dense percent_rank cume_dist");

/** Functions that give several rows for one. */
export const rowMultipliers: ReadonlySet<string> = words("unnest generate_subscripts regexp_split_to_table");

/** The run's logical time: a compute replaces these by macros. */
export const logicalClock: ReadonlySet<string> = words(
  "now get_current_timestamp today current_date current_timestamp",
);

/** Clocks that are not counted as replaced, so that whoever uses them is warned. `age(x)` is one too, with one argument. */
export const otherClocks: ReadonlySet<string> = words(`
  transaction_timestamp get_current_time current_time localtime localtimestamp current_localtime current_localtimestamp`);

/** Names that are a function where no column has them: `current_time` needs no parentheses. */
export const bareFunctions: ReadonlySet<string> = words(`
  current_timestamp current_date current_time localtime localtimestamp current_catalog current_schema current_database
  current_user session_user user current_role`);

/** Functions whose value is not fixed by their arguments and not by the run's logical time: chance, counters, settings. */
export const volatileFunctions: ReadonlySet<string> = new Set([
  ...otherClocks,
  ...words(`
  random uuid gen_random_uuid uuidv4 uuidv7 setseed nextval currval txid_current current_query current_query_id
  current_transaction_id current_connection_id stats write_log getvariable current_setting current_database current_catalog
  current_schema current_schemas in_search_path get_block_size sleep_ms pg_sleep`),
]);

/** Scalar functions that are NULL where one of their arguments is. */
export const strictFunctions: ReadonlySet<string> = words(`
  + - * / // % ^ ** ~~ !~~ ~~* !~~* ~~~ ->> abs ceil ceiling floor round trunc sign sqrt cbrt exp ln log log2 log10 pow power
  mod lower lcase upper ucase trim ltrim rtrim length len strlen substring substr left right lpad rpad repeat
  replace reverse starts_with prefix suffix ends_with contains strpos instr regexp_matches regexp_full_match regexp_replace
  split_part md5 sha256 strptime try_strptime strftime date_trunc date_part datepart date_diff
  datediff year month day hour minute second quarter week dayofweek dayofyear isodow epoch epoch_ms make_date dayname
  monthname last_day hex ascii chr`);

/**
 * Scalar functions that are never NULL where none of their arguments is, and what they give (`same`: the kind of the
 * arguments). Not here: `year` and its kind, which are NULL for infinite dates, and `/` and `%`, which are for zero.
 */
export const totalFunctions: ReadonlyMap<string, ValueKind | "same"> = new Map<string, ValueKind | "same">([
  ...spread("same", "+ - * abs round trunc greatest least"),
  ...spread("float", "ceil ceiling floor"),
  ...spread(
    "boolean",
    "~~ !~~ ~~* !~~* ~~~ starts_with prefix suffix ends_with regexp_matches regexp_full_match contains",
  ),
  ...spread("float", "sqrt cbrt exp ln log log2 log10 pow power ^ **"),
  ...spread("integer", "length len strlen strpos instr ascii sign levenshtein hash"),
  ...spread(
    "text",
    `lower lcase upper ucase trim ltrim rtrim substring substr left right lpad rpad repeat replace reverse
     regexp_replace regexp_extract split_part md5 sha256 strftime hex chr concat concat_ws typeof`,
  ),
  ...spread(
    "other",
    "date_trunc make_date strptime string_split list_value array_value struct_pack row now today get_current_timestamp",
  ),
  ...spread("other", "uuid gen_random_uuid uuidv7 to_years to_months to_weeks to_days to_hours to_minutes to_seconds"),
  ...spread("float", "random pi"),
]);

/** Further functions by what they give; their value may be NULL. */
export const otherFunctions: ReadonlyMap<string, ValueKind | "same"> = new Map<string, ValueKind | "same">([
  ...spread("same", "% mod"),
  ...spread("float", "//"),
  ...spread(
    "float",
    "/ epoch julian sin cos tan asin acos atan atan2 degrees radians gamma lgamma jaccard jaro_similarity",
  ),
  ...spread("float", "jaro_winkler_similarity fdiv"),
  ...spread(
    "integer",
    `year month day hour minute second millisecond microsecond quarter week weekday weekofyear isodow isoyear dayofweek
     dayofmonth dayofyear yearweek century decade epoch_ms epoch_us epoch_ns date_diff datediff date_sub datesub array_length
     list_count bit_count cardinality json_array_length nextval currval hamming bit_length unicode ord factorial`,
  ),
  ...spread("text", "dayname monthname ->> json_extract_string json_value format printf translate"),
  ...spread("json", "-> json_extract to_json json_object json_array json_merge_patch"),
  ...spread("boolean", "isnan isinf isfinite list_contains list_has array_contains json_exists json_contains"),
  ...spread("other", "last_day time_bucket try_strptime to_timestamp make_timestamp make_time age date_add"),
]);

/** Functions that are not NULL although an argument is, as long as one of them is not. */
export const anyArgumentFunctions: ReadonlySet<string> = words("greatest least");

/** Functions that are never NULL, whatever they are given. */
export const neverNullFunctions: ReadonlySet<string> = words(
  "concat hash typeof list_value array_value struct_pack row",
);

/** Aggregates that are never NULL, not even over no rows. */
export const neverNullAggregates: ReadonlySet<string> = words("count approx_count_distinct regr_count");

/** Aggregates that are not NULL over at least one row, even one with a NULL. */
export const rowAggregates: ReadonlySet<string> = words("list array_agg");

/** Aggregates that are not NULL over at least one row, where no row has a NULL. */
export const totalAggregates: ReadonlySet<string> = words(`
  sum min max avg mean first last any_value arbitrary string_agg group_concat listagg bool_and
  bool_or bit_and bit_or bit_xor count_if countif median mode quantile quantile_cont quantile_disc arg_min arg_max min_by
  max_by argmin argmax product fsum kahan_sum sumkahan favg stddev_pop var_pop histogram`);

/** Aggregates and window functions by what they give; `same` is the kind of the first argument. */
export const aggregateKinds: ReadonlyMap<string, ValueKind | "same"> = new Map<string, ValueKind | "same">([
  ...spread(
    "integer",
    "count approx_count_distinct regr_count count_if countif row_number rank dense_rank rank_dense ntile",
  ),
  ...spread("float", [...inexactAggregates, ...doubleSums].join(" ")),
  ...spread("float", "avg mean median quantile_cont quantile mad percent_rank cume_dist"),
  ...spread(
    "same",
    `sum min max first last any_value arbitrary mode arg_min arg_max min_by max_by argmin argmax arg_min_null
     arg_max_null quantile_disc bit_and bit_or bit_xor lag lead first_value last_value nth_value fill approx_quantile`,
  ),
  ...spread("boolean", "bool_and bool_or"),
  ...spread("text", "string_agg group_concat listagg"),
  ...spread("json", "json_group_array json_group_object json_group_structure"),
  ...spread("other", "list array_agg histogram histogram_exact approx_top_k bitstring_agg"),
]);

function spread(kind: ValueKind | "same", names: string): readonly (readonly [string, ValueKind | "same"])[] {
  return [...words(names)].map((name) => [name, kind] as const);
}
