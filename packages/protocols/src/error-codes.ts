/**
 * Every error code, with its exit code and the next step. Codes are stable and never reused.
 * `docs/errors.md` and `millrace explain` are made from this record.
 */
export const errorCodes = {
  // definitions
  DEFINITION_FILE_NOT_FOUND: {
    exit: 20,
    summary: "The pipeline file does not exist or cannot be read.",
    fix: "Check the path; it is relative to the working folder.",
  },
  DEFINITION_FILE_UNSUPPORTED: {
    exit: 20,
    summary: "The file is not a kind that holds a pipeline.",
    fix: "Use .ts, .js, .json, .yaml, .csv, .db or .sqlite.",
  },
  DEFINITION_FILE_TOO_LARGE: {
    exit: 20,
    summary: "The pipeline file is larger than the limit for its kind.",
    fix: "Split the pipeline, or generate it from a TypeScript module.",
  },
  DEFINITION_ENCODING: { exit: 20, summary: "The file is not UTF-8 text.", fix: "Save it as UTF-8 without NUL bytes." },
  DEFINITION_EMPTY: { exit: 20, summary: "The file defines no steps.", fix: "Add at least one step." },
  DEFINITION_SYNTAX: {
    exit: 20,
    summary: "The file is not valid JSON, YAML, CSV, TOML or SQLite.",
    fix: "Mend the text at the place shown.",
  },
  DEFINITION_TOO_DEEP: {
    exit: 20,
    summary: "The file nests deeper than any pipeline needs.",
    fix: "Check for a generated or hostile file.",
  },
  DEFINITION_DUPLICATE_KEY: { exit: 20, summary: "One key stands twice in an object.", fix: "Remove one of them." },
  DEFINITION_UNKNOWN_KEY: {
    exit: 20,
    summary: "A key is not known here.",
    fix: "Use the suggestion, or remove the key.",
  },
  DEFINITION_MISSING_KEY: { exit: 20, summary: "A required key is missing.", fix: "Add it." },
  DEFINITION_WRONG_TYPE: {
    exit: 20,
    summary: "A value has the wrong type or form.",
    fix: "Write what is expected; quote strings that look like numbers or dates.",
  },
  DEFINITION_INVALID_VALUE: {
    exit: 20,
    summary: "A value is not one of those allowed.",
    fix: "Use one of the values listed.",
  },
  DEFINITION_INVALID_NAME: {
    exit: 20,
    summary: "A name cannot be used.",
    fix: "Use letters, digits, `_`, `-` and `.`, at most 128 characters, beginning with a letter or `_`.",
  },
  DEFINITION_DUPLICATE_STEP: { exit: 20, summary: "Two steps have one name.", fix: "Rename one of them." },
  DEFINITION_DUPLICATE_OUTPUT: { exit: 20, summary: "Two steps produce one dataset.", fix: "Rename one output." },
  DEFINITION_DUPLICATE_TARGET: {
    exit: 20,
    summary: "Two steps write to one target.",
    fix: "Give each its own target.",
  },
  DEFINITION_UNDEFINED_INPUT: {
    exit: 20,
    summary: "A step reads a dataset that no step produces.",
    fix: "Use one of the datasets listed, or add a step that produces it.",
  },
  DEFINITION_CYCLE: {
    exit: 20,
    summary: "Steps depend on each other in a circle.",
    fix: "Break the circle that is printed.",
  },
  DEFINITION_MODULE_FAILED: {
    exit: 20,
    summary: "The pipeline module threw while it was imported.",
    fix: "Mend the module at the place shown.",
  },
  DEFINITION_NO_PIPELINE: {
    exit: 20,
    summary: "The module exports no pipeline by default.",
    fix: 'Write `export default pipeline("name", …)`.',
  },
  DEFINITION_NOT_PURE: {
    exit: 20,
    summary: "The callback of a pipeline gives different steps each time, or adds steps after it returned.",
    fix: "Take times, random values and outside data as parameters; do not make the callback async.",
  },
  DEFINITION_VARIABLE_UNSET: {
    exit: 20,
    summary: "A `${…}` reference cannot be resolved.",
    fix: "Set the variable, or remove the reference.",
  },
  PARAMETER_INVALID: {
    exit: 20,
    summary: "A parameter is missing, unknown or not valid.",
    fix: "Pass it as `--param name=value`.",
  },
  // configuration
  CONFIG_FILE_INVALID: {
    exit: 20,
    summary: "The project configuration is not valid.",
    fix: "Mend the file at the place shown.",
  },
  CONFIG_VALUE_INVALID: {
    exit: 20,
    summary: "A configuration value is not known or not valid.",
    fix: "Write what is expected; an empty variable counts as unset.",
  },
  CONFIG_SECRET_TOO_SHORT: {
    exit: 20,
    summary: "A secret has fewer than 8 characters and cannot be redacted safely.",
    fix: "Use a longer secret, or set `allowShort` for it.",
  },
  CONFIG_SECRET_NOT_FOUND: {
    exit: 20,
    summary: "A secret has no value.",
    fix: "Set the variable or file that it refers to.",
  },
  // SQL
  SQL_SYNTAX: { exit: 20, summary: "The SQL text cannot be parsed.", fix: "Mend the text at the place shown." },
  SQL_NOT_A_SELECT: {
    exit: 20,
    summary: "A step is one SELECT; this is another kind of statement.",
    fix: "Keep one SELECT; use a store step to write.",
  },
  SQL_SEVERAL_STATEMENTS: {
    exit: 20,
    summary: "A step has more than one statement.",
    fix: "Make each a step of its own.",
  },
  SQL_UNDECLARED_TABLE: {
    exit: 20,
    summary: "The SQL reads a table that is not an input of the step.",
    fix: "Add it to `inputs`, or use the suggestion.",
  },
  SQL_UNUSED_INPUT: { exit: 20, summary: "An input is declared and never read.", fix: "Remove it, or use it." },
  SQL_COLUMN_NOT_FOUND: {
    exit: 20,
    summary: "A column does not exist in the inputs of the step.",
    fix: "Use the suggestion, or a column that is listed.",
  },
  SQL_FUNCTION_NOT_FOUND: {
    exit: 20,
    summary: "A function does not exist or does not take these arguments.",
    fix: "Use the suggestion, or cast the arguments.",
  },
  SQL_TYPE_MISMATCH: { exit: 20, summary: "Types do not fit.", fix: "Cast one side." },
  SQL_INVALID: { exit: 20, summary: "The SQL cannot be bound.", fix: "Read the message of the engine below." },
  SQL_PARAMETER_UNKNOWN: {
    exit: 20,
    summary: "The SQL uses a parameter that the pipeline does not have.",
    fix: "Declare it, or use one of those listed.",
  },
  SQL_ORDER_DEPENDENT: {
    exit: 20,
    summary: "The rows of this SQL depend on an order that nothing fixes.",
    fix: "Add ORDER BY with a unique key, or use DECIMAL for sums.",
  },
  SQL_VOLATILE: {
    exit: 20,
    summary: "The SQL calls a function whose value changes from call to call.",
    fix: "Pass the value as a parameter; `now()` is fixed to the logical time of the run.",
  },
  SQL_TABLE_FUNCTION: {
    exit: 20,
    summary: "The SQL reads outside its inputs with a table function.",
    fix: "Read the data with an ingest step.",
  },
  // bind and plan
  SOURCE_NOT_FOUND: {
    exit: 20,
    summary: "A source file does not exist.",
    fix: "Check the path; it is relative to the project root.",
  },
  SOURCE_UNREADABLE: {
    exit: 20,
    summary: "A source cannot be described.",
    fix: "Check the file and the reading options.",
  },
  SOURCE_FORMAT_UNKNOWN: {
    exit: 20,
    summary: "The format of a source or target cannot be told from its name.",
    fix: "Set `params.format`.",
  },
  SOURCE_CHANGED: {
    exit: 20,
    summary: "Columns of a source were removed, renamed or narrowed since the lock was written.",
    fix: "Mend the pipeline, then run `millrace types --refresh`.",
  },
  SOURCE_COLUMN_ADDED: {
    exit: 20,
    summary: "A source has a column that the lock does not have.",
    fix: "Run `millrace types --refresh` to take it in.",
  },
  SOURCE_DUPLICATE_COLUMN: {
    exit: 20,
    summary: "A source has two columns of one name, or one without a name.",
    fix: "Declare `columns`, or mend the header.",
  },
  TARGET_INVALID: {
    exit: 20,
    summary: "A target cannot be written as asked.",
    fix: "Follow the message; a folder target takes what one file cannot.",
  },
  GUARANTEE_TOO_WEAK: {
    exit: 20,
    summary: "A sink promises less than the policy requires.",
    fix: "Use another target or mode, or lower `require_guarantee`.",
  },
  FUNCTION_NOT_FOUND: {
    exit: 20,
    summary: "The function of a code step cannot be found.",
    fix: "Check the registry name, or the module and export.",
  },
  ENGINE_UNKNOWN: {
    exit: 20,
    summary: "No compute of this name is configured.",
    fix: "Pass it in `compute`, or use one of those listed.",
  },
  ADAPTER_UNKNOWN: { exit: 20, summary: "No adapter serves this URI scheme.", fix: "Pass the adapter in `adapters`." },
  STEP_TYPE_UNKNOWN: {
    exit: 20,
    summary: "No handler is registered for this layer and type.",
    fix: "Use a known type, or register a handler.",
  },
  SELECTION_EMPTY: { exit: 20, summary: "The selection matches no step.", fix: "Use one of the names listed." },
  // running
  ENGINE_STEP_FAILED: { exit: 30, summary: "A step failed.", fix: "Read the cause below it." },
  ENGINE_DEADLOCK: {
    exit: 30,
    summary: "No step is ready although not all are done.",
    fix: "This is a defect of Millrace; please report it.",
  },
  ENGINE_RECONCILIATION: {
    exit: 30,
    summary: "Row counts at a boundary do not add up.",
    fix: "Data changed while it was read, or this is a defect; run again.",
  },
  STEP_CODE_FAILED: { exit: 30, summary: "The function of a step threw.", fix: "Mend the code at the place shown." },
  STEP_OUTPUT_INVALID: {
    exit: 30,
    summary: "A function returned what its columns do not allow.",
    fix: "Return the declared columns with values of their types.",
  },
  STEP_COLUMN_UNKNOWN: {
    exit: 30,
    summary: "A function asked for a column that its input does not have.",
    fix: "Use the suggestion, or a column that is listed.",
  },
  STEP_FIXTURE_INVALID: {
    exit: 20,
    summary: "The fixtures of a step test do not fit the step.",
    fix: "Give rows for each input, with columns that it has.",
  },
  STEP_VALUE_OUT_OF_RANGE: {
    exit: 30,
    summary: "A value does not fit the JavaScript type that was asked for.",
    fix: 'Ask for `{ int64: "bigint" }` or `{ time: "micros" }`.',
  },
  DECIMAL_INVALID: {
    exit: 30,
    summary: "A decimal cannot be made from a value without losing digits.",
    fix: "Pass a text of digits, or round the value to the scale first.",
  },
  STEP_TIMEOUT: {
    exit: 40,
    summary: "A step took longer than its timeout.",
    fix: "Raise `timeout`, or make the step smaller.",
  },
  RUN_TIMEOUT: { exit: 40, summary: "The run took longer than its timeout.", fix: "Raise `--timeout`." },
  RUN_CANCELLED: { exit: 50, summary: "The run was cancelled.", fix: "Run it again." },
  DATA_CONVERSION: {
    exit: 30,
    summary: "A value cannot be converted to the type of its column.",
    fix: "Mend the data, declare another type, or use TRY_CAST.",
  },
  DATA_INVALID_FILE: {
    exit: 30,
    summary: "A file is damaged or not what its name says.",
    fix: "Check the file that is named.",
  },
  DATA_SOURCE_CHANGED: { exit: 30, summary: "A source changed between plan and read.", fix: "Run again." },
  COMPUTE_OUT_OF_MEMORY: {
    exit: 30,
    summary: "The query needs more memory than it was given.",
    fix: "Raise `--memory`, or make the step smaller.",
  },
  COMPUTE_FAILED: {
    exit: 30,
    summary: "The engine reported an error while it ran.",
    fix: "Read the message of the engine.",
  },
  COMPUTE_STREAM_CUT: {
    exit: 30,
    summary: "A result stream ended early.",
    fix: "Run again; read the message of the engine.",
  },
  SANDBOX_VIOLATION: {
    exit: 30,
    summary: "A step tried to reach what `--sandbox` forbids.",
    fix: "Declare it as an input or a target, or run without `--sandbox`.",
  },
  SANDBOX_CODE: {
    exit: 20,
    summary: "`--sandbox` refuses code steps.",
    fix: "Run without `--sandbox`, or write the step in SQL.",
  },
  TARGET_EXISTS: {
    exit: 30,
    summary: "The target exists and its mode is `error_if_exists`.",
    fix: "Remove the target, or choose another mode.",
  },
  TARGET_CHANGED: {
    exit: 30,
    summary: "The target changed while it was being written.",
    fix: "Run again; let one pipeline at a time write to it.",
  },
  STORE_OBJECT_NOT_FOUND: { exit: 30, summary: "An object is not in the store.", fix: "Check the key." },
  STORE_KEY_INVALID: {
    exit: 30,
    summary: "A key would leave the store or is too long.",
    fix: "Use relative keys without `.` and `..`.",
  },
  STORE_IO: { exit: 30, summary: "Reading or writing a file failed.", fix: "Check space, permissions and the disk." },
  UPSTREAM_UNAVAILABLE: {
    exit: 30,
    summary: "A server failed again and again and is not called for a while.",
    fix: "Check the server; calls begin again after the time that is given.",
  },
  RUN_NOT_FOUND: {
    exit: 20,
    summary: "No run of this id is known.",
    fix: "Use one of the ids that `millrace runs list` shows.",
  },
  RUN_EXISTS: {
    exit: 20,
    summary: "A run of this id is in the state folder already.",
    fix: "Choose another `--run-id`, or leave it out.",
  },
  RUN_AMBIGUOUS: { exit: 20, summary: "A short run id means several runs.", fix: "Write more characters of it." },
  RUNTIME_DISPOSED: {
    exit: 30,
    summary: "A runtime was used after it was disposed.",
    fix: "Read what you need before the block of `await using` ends.",
  },
  DATASET_NOT_PRODUCED: {
    exit: 30,
    summary: "The run did not produce this dataset.",
    fix: "Look at the state of its step.",
  },
  DATASET_UNKNOWN: { exit: 20, summary: "No dataset of this name is known.", fix: "Use one of the names listed." },
  MANIFEST_INVALID: { exit: 30, summary: "A manifest is damaged.", fix: "Run the step again." },
  // command line
  CLI_UNKNOWN_COMMAND: {
    exit: 20,
    summary: "The command is not known.",
    fix: "Use the suggestion, or `millrace --help`.",
  },
  CLI_UNKNOWN_FLAG: {
    exit: 20,
    summary: "The flag is not known.",
    fix: "Use the suggestion, or `millrace <command> --help`.",
  },
  CLI_USAGE: {
    exit: 20,
    summary: "The command line is not complete or not valid.",
    fix: "See the example of the command.",
  },
  CLI_FOLDER_NOT_EMPTY: {
    exit: 20,
    summary: "A new project needs a folder that is empty or not there yet.",
    fix: "Name another folder.",
  },
  TYPES_STALE: {
    exit: 20,
    summary: "Generated types or the source lock do not match the pipelines.",
    fix: "Run `millrace types` and commit what it writes.",
  },
  TEST_FAILED: { exit: 30, summary: "A step test failed.", fix: "Read the difference that is shown." },
  NODE_TOO_OLD: { exit: 20, summary: "Millrace needs Node 22.18 or newer.", fix: "Install a newer Node." },
  INTERNAL: {
    exit: 30,
    summary: "Something that cannot happen happened.",
    fix: "This is a defect of Millrace; run with `--log-level debug` and report it.",
  },
} as const;

/** A known error code. */
export type ErrorCode = keyof typeof errorCodes;
