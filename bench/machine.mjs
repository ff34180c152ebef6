// @ts-check
/**
 * What a result must say of the machine that it comes from.
 */
import { readFileSync } from "node:fs";
import { cpus, loadavg, release, totalmem, type } from "node:os";

/** Features of processors that products depend on, in the order of their age. */
const features = ["sse4_2", "avx", "fma", "avx2", "avx512f", "avx512_vnni", "amx_tile", "asimd", "sve"];

/** The machine and the moment. */
export function machine() {
  return {
    cpu: cpus()[0]?.model ?? "unknown",
    cores: cpus().length,
    features: cpuFlags(),
    system: `${type()} ${release()}`,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    /** Processes that wanted to run in the minute before: above 0.1 somebody else was at work. */
    load: loadavg()[0],
    date: new Date().toISOString().slice(0, 10),
  };
}

/** Of the features above, those that the first processor has; Linux only, elsewhere none are listed. */
function cpuFlags() {
  let text = "";
  try {
    text = readFileSync("/proc/cpuinfo", "utf8");
  } catch {
    return [];
  }
  const flags = new Set(/^(?:flags|Features)\s*:(.*)$/m.exec(text)?.[1]?.split(" "));
  return features.filter((name) => flags.has(name));
}
