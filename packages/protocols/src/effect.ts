/**
 * What a sink promises about an effect under repeated attempts, strongest first.
 * `transactional`: rows and commit key in one transaction. `atomic-replace`: readers see the old or the new whole.
 * `idempotent-key`: the receiver drops a repeated key. `at-least-once`: may appear twice.
 */
export type EffectGuarantee = "transactional" | "atomic-replace" | "idempotent-key" | "at-least-once";

/** How a sink treats what is there. */
export type WriteMode = "overwrite" | "append" | "error_if_exists";
