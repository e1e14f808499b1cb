// A process that writes one target and dies where its first argument says: SIGKILL at a fault point.
import { createFaultPoints } from "@millrace/foundation";
import { save } from "./sink-setting.ts";

const [fault = "", text = "{}"] = process.argv.slice(2);
const { folder, request, attempt } = JSON.parse(text) as {
  readonly folder: string;
  readonly request: Parameters<typeof save>[1];
  readonly attempt: Parameters<typeof save>[2];
};
const faultPoints = createFaultPoints(fault, { onKill: () => process.kill(process.pid, "SIGKILL") });
await save({ folder, faultPoints }, request, attempt);
