// Fakes, fixtures, fault steps and contract suites for tests of Millrace packages, adapters and pipelines. Needs vitest.
//
//   import { createManualClock, describeByteStoreContract } from "@millrace/testing";
//   describeByteStoreContract("mine", (folder) => createMyStore(folder));
export { createManualClock } from "./manual-clock.ts";
export type { ManualClock } from "./manual-clock.ts";
export { createSeededIds } from "./seeded-ids.ts";
export { createRecordingEventSink, createRecordingLogger } from "./recording.ts";
export type { RecordedLine, RecordingEventSink, RecordingLogger } from "./recording.ts";
export { createMemoryByteStore } from "./memory-byte-store.ts";
export type { MemoryByteStoreOptions } from "./memory-byte-store.ts";
export { createMemoryDatasetStore } from "./memory-dataset-store.ts";
export { withScratchFolder } from "./scratch-folder.ts";
export type { ScratchOptions } from "./scratch-folder.ts";
export { resetConfigAfterEach, withConfig } from "./config-fixture.ts";
export { execStep, failingStep, flakyStep, httpPutStep, noopStep, sleepStep } from "./fault-step.ts";
export { describeByteStoreContract } from "./contract/byte-store-contract.ts";
export { describeComputeEngineContract } from "./contract/compute-contract.ts";
export type { Gap, GapReason, Gaps, SuiteOptions } from "./contract/gap.ts";
