/**
 * The version of the package that runs.
 */
import { createRequire } from "node:module";

/** As package.json has it. The package finds itself by its name: where this module lies once it is bundled is not known here. */
export function version(): string {
  const packageJson: { version: string } = createRequire(import.meta.url)("unrolled/package.json");
  return packageJson.version;
}
