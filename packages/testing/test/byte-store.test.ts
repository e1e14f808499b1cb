import { createMemoryByteStore, describeByteStoreContract } from "../src/index.ts";

describeByteStoreContract("the memory store", () => createMemoryByteStore());
