// What `millrace types` writes, for a pipeline of its own name: all tests share one program.
export type { Register } from "@millrace/sdk";

declare module "@millrace/sdk" {
  interface Register {
    readonly pipelines: {
      readonly typed_orders: {
        readonly raw_orders: {
          readonly order_id: "BIGINT!";
          readonly customer: "VARCHAR";
          readonly amount: "DECIMAL(18,2)";
          readonly ordered_at: "TIMESTAMPTZ!";
          readonly tags: { readonly list: "VARCHAR" };
          readonly place: {
            readonly struct: { readonly lat: "DOUBLE"; readonly lon: "DOUBLE" };
            readonly notNull: true;
          };
          readonly status: { readonly enum: readonly ["open", "paid"]; readonly notNull: true };
        };
        readonly clean_orders: {
          readonly order_id: "BIGINT!";
          readonly customer: "VARCHAR!";
          readonly amount: "DOUBLE!";
          readonly day: "DATE!";
        };
        readonly daily: {
          readonly day: "DATE!";
          readonly customer: "VARCHAR!";
          readonly orders: "BIGINT!";
          readonly total: "DOUBLE";
        };
      };
    };
    readonly inputs: {
      readonly typed_orders: {
        readonly raw_orders: {};
        readonly clean_orders: { readonly raw: "raw_orders" };
        readonly daily: { readonly orders: "clean_orders" };
      };
    };
  }
}
