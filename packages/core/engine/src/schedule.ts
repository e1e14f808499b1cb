import type { QueryGroup } from "@millrace/protocols";
import { TerminalError } from "@millrace/foundation";
import { ReadyQueue } from "./ready-queue.ts";

/** How groups are started. */
export interface ScheduleOptions {
  readonly groups: readonly QueryGroup[];
  /** Groups that run at the same time; 1 is sequential. */
  readonly workers: number;
  /** Starts a level only when every group of the levels before has ended. */
  readonly levelBarrier: boolean;
  /** Runs a group to its end, whatever that is. Must not reject. */
  readonly run: (group: QueryGroup) => Promise<void>;
  /** True when no further group may start. */
  readonly stopped: () => boolean;
}

/**
 * Ready-set scheduling: a group starts as soon as all it reads has ended and a worker is free, in the order of the plan.
 *
 * @throws MillraceError `ENGINE_DEADLOCK` when groups are left and none is ready.
 */
export async function runSchedule(options: ScheduleOptions): Promise<void> {
  const { groups, workers, levelBarrier, run, stopped } = options;
  const place = new Map(groups.map((group, index) => [group.id, index]));
  const dependants = new Map<string, number[]>();
  const waiting = groups.map((group, index) => {
    const known = group.dependsOn.filter((id) => place.has(id));
    for (const id of known) {
      const list = dependants.get(id);
      if (list === undefined) dependants.set(id, [index]);
      else list.push(index);
    }
    return known.length;
  });
  const leftInLevel = new Map<number, number>();
  for (const group of groups) leftInLevel.set(group.level, (leftInLevel.get(group.level) ?? 0) + 1);
  const levels = [...leftInLevel.keys()].toSorted((a, b) => a - b);
  let level = 0;
  const ready = new ReadyQueue();
  const held = new Map<number, number[]>();
  const offer = (index: number): void => {
    const own = (groups[index] as QueryGroup).level;
    if (levelBarrier && own > (levels[level] ?? own)) held.set(own, [...(held.get(own) ?? []), index]);
    else ready.push(index);
  };
  waiting.forEach((count, index) => {
    if (count === 0) offer(index);
  });

  let running = 0;
  let done = 0;
  await new Promise<void>((resolve, reject) => {
    const openLevels = (): void => {
      while (level < levels.length && leftInLevel.get(levels[level] as number) === 0) {
        level += 1;
        for (const next of held.get(levels[level] ?? -1) ?? []) ready.push(next);
      }
    };
    const finish = (index: number): void => {
      running -= 1;
      done += 1;
      const group = groups[index] as QueryGroup;
      for (const next of dependants.get(group.id) ?? []) {
        waiting[next] = (waiting[next] ?? 0) - 1;
        if (waiting[next] === 0) offer(next);
      }
      const left = (leftInLevel.get(group.level) ?? 0) - 1;
      leftInLevel.set(group.level, left);
      if (levelBarrier) openLevels();
      pump();
    };
    const pump = (): void => {
      while (!stopped() && running < workers) {
        const index = ready.pop();
        if (index === undefined) break;
        running += 1;
        run(groups[index] as QueryGroup).then(() => finish(index), reject);
      }
      if (running > 0) return;
      if (done === groups.length || stopped()) resolve();
      else
        reject(
          new TerminalError({
            code: "ENGINE_DEADLOCK",
            fault: "internal",
            message: `No group is ready, and ${groups.length - done} of ${groups.length} are not done.`,
            context: { done, total: groups.length },
          }),
        );
    };
    pump();
  });
}
