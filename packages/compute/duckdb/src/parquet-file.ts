import { TerminalError } from "@millrace/foundation";
import { readPart } from "./source-files.ts";
import type { SourceFile } from "./source-files.ts";

/** Magic, footer length, magic: less is no Parquet file. */
const smallestBytes = 12;

/**
 * Checks what makes a file Parquet before DuckDB sees it: the magic bytes at both ends and a footer that fits.
 *
 * **Source** Apache Parquet format 2.11, "File format"; crashes of readers on such files in duckdb/duckdb#4903, #6990.
 *
 * @throws MillraceError `DATA_INVALID_FILE`, naming the file
 */
export async function checkParquetFile({ path, pin }: SourceFile): Promise<void> {
  if (pin.sizeBytes < smallestBytes) throw notParquet(path, `it has ${pin.sizeBytes} bytes`);
  const [head, tail] = await Promise.all([readPart(path, 0, 4), readPart(path, pin.sizeBytes - 8, 8)]);
  const magic = Buffer.from(tail.subarray(4)).toString("latin1");
  if (magic === "PARE") throw notParquet(path, "its footer is encrypted, which is not supported");
  if (Buffer.from(head).toString("latin1") !== "PAR1") throw notParquet(path, 'it does not begin with "PAR1"');
  if (magic !== "PAR1") throw notParquet(path, 'it does not end with "PAR1": it may be cut short');
  const footerBytes = new DataView(tail.buffer, tail.byteOffset, 4).getUint32(0, true);
  if (footerBytes > pin.sizeBytes - smallestBytes)
    throw notParquet(path, `its footer of ${footerBytes} bytes does not fit into ${pin.sizeBytes} bytes`);
}

function notParquet(path: string, why: string): TerminalError {
  return new TerminalError({
    code: "DATA_INVALID_FILE",
    fault: "data",
    message: `"${path}" is not a readable Parquet file: ${why}.`,
    context: { file: path },
  });
}
