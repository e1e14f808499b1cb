// What `import … from "vitest"` gives in a project without vitest: enough for step tests, in vitest's own forms.
export { afterAll, afterEach, beforeAll, beforeEach, describe, test, test as it } from "./collector.ts";
export { expect } from "./expect.ts";
