// What the type system knows of SQL text: that it is one literal, and which `$parameters` it names.

/** The text before the first `D`. */
export type Before<S extends string, D extends string> = S extends `${infer H}${D}${string}` ? H : S;

/** The text before anything in which `$` is not a parameter: strings, quoted names, comments, dollar quotes. */
export type Plain<S extends string> = Before<Before<Before<Before<Before<S, "'">, '"'>, "--">, "/*">, "$$">;

/** The text without strings, quoted names and comments. */
export type Strip<S extends string, A extends string = ""> = S extends `${Plain<S>}${infer Rest}`
  ? Rest extends ""
    ? `${A}${S}`
    : Rest extends `'${string}'${infer R}`
      ? Strip<R, `${A}${Plain<S>} `>
      : Rest extends `"${string}"${infer R}`
        ? Strip<R, `${A}${Plain<S>} `>
        : Rest extends `--${string}\n${infer R}`
          ? Strip<R, `${A}${Plain<S>} `>
          : Rest extends `/*${string}*/${infer R}`
            ? Strip<R, `${A}${Plain<S>} `>
            : Rest extends `$$${string}$$${infer R}`
              ? Strip<R, `${A}${Plain<S>} `>
              : `${A}${Plain<S>}`
  : A;

/** Letters of a parameter name. */
export type Lower =
  | ("a" | "b" | "c" | "d" | "e" | "f" | "g" | "h" | "i" | "j" | "k" | "l" | "m")
  | ("n" | "o" | "p" | "q" | "r" | "s" | "t" | "u" | "v" | "w" | "x" | "y" | "z");
/** Digits of a parameter name. */
export type Digit = "0" | "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9";
/** Characters of a parameter name. */
export type Word = "_" | Lower | Uppercase<Lower> | Digit;

/** The name at the start of a text. */
export type Name<S extends string, A extends string = ""> = S extends `${infer H}${infer R}`
  ? H extends Word
    ? Name<R, `${A}${H}`>
    : A
  : A;

/** Parameter names in a text without strings and comments. */
export type Found<S extends string, A extends string = never> = S extends `${string}$${infer R}`
  ? Found<R, A | Exclude<Name<R>, "" | `${number}`>>
  : A;

/** Names of the `$parameters` in a SQL literal. */
export type SqlParameters<S extends string> = S extends `${string}$${string}` ? Found<Strip<S>> : never;

// An object without keys: a literal is a required key of a record, `string` and patterns are an index.
// oxlint-disable-next-line typescript/no-generated-empty-object-type
export type IsLiteral<S extends string> = Record<never, never> extends Record<S, 1> ? false : true;

/** The SQL names a parameter that the pipeline does not have. */
export interface UnknownParameter<Unknown extends string, Known extends string> {
  readonly unknown: `$${Unknown}`;
  readonly known: `$${Known}`;
}

/** SQL is one literal, so that nothing becomes part of it unseen. */
export interface SqlMustBeOneLiteral {
  readonly hint: "pass values as $parameters, or compose with sql`…`";
}

/** The text itself where it is one literal whose parameters are known, else a type that says what is wrong. */
export type CheckedSql<S, Known extends string> = S extends string
  ? IsLiteral<S> extends true
    ? [Exclude<SqlParameters<S>, Known>] extends [never]
      ? S
      : UnknownParameter<Exclude<SqlParameters<S>, Known>, Known>
    : SqlMustBeOneLiteral
  : S;
