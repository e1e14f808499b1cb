import type { EventSink, LogFields, Logger, RunEvent, RunEventName } from "@millrace/protocols";

/** A line that a recording logger kept. */
export interface RecordedLine {
  readonly level: "debug" | "info" | "warn" | "error";
  readonly message: string;
  readonly fields: LogFields;
}

/** A logger that keeps its lines, those of its children too. */
export interface RecordingLogger extends Logger {
  readonly lines: readonly RecordedLine[];
}

/** Keeps every line that is logged. */
export function createRecordingLogger(): RecordingLogger {
  const lines: RecordedLine[] = [];
  const create = (fields: LogFields): RecordingLogger => {
    const keep = (level: RecordedLine["level"]) => (message: string, own?: LogFields) =>
      void lines.push({ level, message, fields: { ...fields, ...own } });
    return {
      lines,
      debug: keep("debug"),
      info: keep("info"),
      warn: keep("warn"),
      error: keep("error"),
      child: (own) => create({ ...fields, ...own }),
    };
  };
  return create({});
}

/** An event sink that keeps what it is told. */
export interface RecordingEventSink extends EventSink {
  readonly events: readonly RunEvent[];
  /** Events of one name, in order. */
  named<N extends RunEventName>(name: N): readonly Extract<RunEvent, { readonly event: N }>[];
}

/** Keeps every event that is emitted. */
export function createRecordingEventSink(): RecordingEventSink {
  const events: RunEvent[] = [];
  return {
    events,
    emit: (event) => void events.push(event),
    named: <N extends RunEventName>(name: N) =>
      events.filter((event): event is Extract<RunEvent, { readonly event: N }> => event.event === name),
  };
}
