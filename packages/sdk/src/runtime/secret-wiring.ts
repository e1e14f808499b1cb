import { createSecretResolver } from "@millrace/foundation";
import type { SecretResolver } from "@millrace/foundation";
import type { Adapter, StepHandler } from "@millrace/protocols";
import type { ResolvedRuntimeOptions } from "./runtime-options.ts";

/** Resolves `secret:NAME` when a value is used; every secret reaches the redactor first. */
export function createRuntimeSecrets({
  secrets,
  variables,
  redactor,
  allowShortSecrets,
}: ResolvedRuntimeOptions): SecretResolver {
  // `${env.NAME}` was resolved when the definition was loaded; what is left of it here came from a secret.
  return createSecretResolver({
    secrets,
    redactor,
    allowShort: allowShortSecrets,
    environment: { get: async (name) => variables(name) },
  });
}

/** An adapter whose connections get values instead of references. Plans and records keep the references. */
export function withSecrets(adapter: Adapter, resolver: SecretResolver): Adapter {
  return {
    name: adapter.name,
    schemes: adapter.schemes,
    openByteStore: (root, context) => adapter.openByteStore(root, context),
    listFiles: (location, context) => adapter.listFiles(location, context),
    createSink: (request, context) => adapter.createSink(request, context),
    checkConnection: async (uri, params, context) =>
      adapter.checkConnection(await resolver.resolve(uri), await resolver.resolveAll(params), context),
  };
}

/** A handler whose step has values instead of references when it runs. */
export function withStepSecrets(handler: StepHandler, resolver: SecretResolver): StepHandler {
  return {
    layer: handler.layer,
    type: handler.type,
    describe: (step, context) => handler.describe(step, context),
    run: async (step, context) =>
      handler.run(
        { ...step, value: await resolver.resolve(step.value), params: await resolver.resolveAll(step.params) },
        context,
      ),
  };
}
