// Shows a run while it goes on: on a terminal a block that is drawn again, elsewhere one line for each finished step.
import { formatBytes, formatCount, formatDuration, shortRunId } from "@millrace/foundation";
import type { EventSink, Plan, RunEvent } from "@millrace/protocols";
import { widthOf, type Io } from "../io.ts";
import type { Style } from "../output/style.ts";
import { escapeControls, truncateStyled } from "../output/text-width.ts";
import { fitLines, LiveBlock } from "./live-block.ts";
import { RunView } from "./run-view.ts";
import { formatStepLine, layoutLines } from "./step-line.ts";

/** What reports a run. */
export interface RunReporter extends EventSink {
  readonly view: RunView;
  /** Says that the run is stopping: after the first Ctrl-C. */
  stopping(): void;
  /** Ends the report; what is final stays on the terminal. */
  close(): void;
}

/** How a run is reported. */
export interface ReporterOptions {
  readonly plan: Plan;
  readonly runId: string;
  readonly io: Io;
  /** Style of stderr. */
  readonly style: Style;
  readonly monotonicMs: () => number;
  readonly isQuiet: boolean;
}

/** Ten drawings a second: smooth for people, nothing for the machine. */
const drawEveryMs = 100;

/** Makes the reporter that fits stderr. */
export function createRunReporter(options: ReporterOptions): RunReporter {
  const view = new RunView(options.plan, options.monotonicMs);
  if (options.isQuiet) return { view, emit: (event) => void view.apply(event), stopping: () => {}, close: () => {} };
  const isLive = options.io.stderr.isTTY === true && options.io.environment["TERM"] !== "dumb";
  return isLive ? createLiveReporter(view, options) : createPlainReporter(view, options);
}

function headerOf({ plan, runId, style }: ReporterOptions): string {
  const { limits } = plan;
  const dot = style.signs.dot;
  const steps = [...plan.groupOf.keys()].length;
  const parts = [
    style.bold(escapeControls(plan.pipeline)),
    `${formatCount(steps)} ${steps === 1 ? "step" : "steps"}`,
    `${plan.groups[0]?.engine ?? "duckdb"}, ${limits.workers} ${limits.workers === 1 ? "worker" : "workers"}`,
    `run ${shortRunId(runId)}`,
  ];
  return ` ${parts.join(` ${dot} `)}`;
}

function createPlainReporter(view: RunView, options: ReporterOptions): RunReporter {
  const { io, style } = options;
  const layout = layoutLines(view.lines(), widthOf(io.stderr));
  io.stderr.write(`${headerOf(options)}\n`);
  return {
    view,
    emit: (event) => {
      for (const name of view.apply(event)) {
        const line = view.line(name);
        if (line !== undefined) io.stderr.write(`${formatStepLine(line, { view, layout, style })}\n`);
      }
      if (event.event === "node_retry") io.stderr.write(` ${style.signs.warning} ${retryText(event)}\n`);
    },
    stopping: () =>
      void io.stderr.write(" stopping: groups that are running finish, no other starts; once more stops at once\n"),
    close: () => {},
  };
}

function createLiveReporter(view: RunView, options: ReporterOptions): RunReporter {
  const { io, style } = options;
  const block = new LiveBlock(io.stderr);
  let isStopping = false;
  let isClosed = false;
  const draw = (isFinal: boolean): void => {
    const width = widthOf(io.stderr);
    const layout = layoutLines(view.lines(), width - 1);
    const room = isFinal ? Number.POSITIVE_INFINITY : Math.max(3, (io.stderr.rows ?? 24) - 4);
    const { shown, hidden } = fitLines(view.lines(), room);
    const lines = shown.map((line) => formatStepLine(line, { view, layout, style }));
    block.draw([
      truncateStyled(headerOf(options), width - 1),
      ...(hidden === 0 ? [] : [style.dim(`   ${formatCount(hidden)} more ${hidden === 1 ? "step" : "steps"}`)]),
      ...lines.map((line) => truncateStyled(line, width - 1)),
      ...(isFinal ? [] : [truncateStyled(style.dim(footerOf(view, { isStopping, style })), width - 1)]),
    ]);
  };
  draw(false);
  const timer = setInterval(() => draw(false), drawEveryMs);
  const release = io.onForeignOutput((write) => {
    block.erase();
    write();
  });
  return {
    view,
    emit: (event) => void view.apply(event),
    stopping: () => {
      isStopping = true;
    },
    close: () => {
      if (isClosed) return;
      isClosed = true;
      clearInterval(timer);
      release();
      draw(true);
    },
  };
}

function footerOf(
  view: RunView,
  { isStopping, style }: { readonly isStopping: boolean; readonly style: Style },
): string {
  const used = formatBytes(process.memoryUsage.rss());
  const dot = style.signs.dot;
  const words = isStopping
    ? "stopping: running groups finish; ctrl-c again stops at once"
    : "ctrl-c stops cleanly, progress is kept";
  return ` ${formatDuration(view.elapsedMs())} ${dot} ${used} of ${formatBytes(view.plan.limits.memoryBytes)} ${dot} ${words}`;
}

function retryText(event: Extract<RunEvent, { readonly event: "node_retry" }>): string {
  return `${event.step_name}  attempt ${event.attempt} failed, again in ${formatDuration(event.delay_ms)}: ${escapeControls(event.error.message)}`;
}
