import { EngineContext } from "@millrace/sdk/seed";
import { withDefaults } from "./create-runtime.ts";
import type { RuntimeOptions } from "./create-runtime.ts";

/** The context of the seed's pandas engine, which is DuckDB here: `new PandasEngineContext({ secrets: { … } })`. */
export class PandasEngineContext extends EngineContext {
  constructor(options: RuntimeOptions = {}) {
    super(withDefaults(options));
  }
}
