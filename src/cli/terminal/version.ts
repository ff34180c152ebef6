/**
 * The version of the package that runs.
 */
import { readFileSync } from "node:fs";

/** As package.json has it. */
export function version(): string {
  const packageJson: { version: string } = JSON.parse(
    readFileSync(new URL("../../../package.json", import.meta.url), "utf8"),
  );
  return packageJson.version;
}
