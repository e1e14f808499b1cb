/** Reads a configuration: what code takes that needs one and must not change it. */
export interface ConfigProtocol<T extends object> {
  /** The configuration as the caller sees it, overrides included. */
  getConfig(): T;
}
