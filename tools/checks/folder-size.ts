/**
 * A folder of src is a room that can be seen at a glance: at most 20 files, tests and their suites apart.
 */
import { posix } from "node:path";
import { isTest, type Source } from "./sources.js";

/** How many files a folder of src may hold, without tests, shared suites and subfolders. */
export const MAX_FILES = 20;

/** One message per folder of src with too many files. */
export function checkFolderSize(sources: readonly Source[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const { path } of sources) {
    if (!path.startsWith("src/") || isTest(path)) continue;
    const folder = posix.dirname(path);
    counts.set(folder, (counts.get(folder) ?? 0) + 1);
  }
  return [...counts]
    .filter(([, count]) => count > MAX_FILES)
    .map(
      ([folder, count]) =>
        `${folder} holds ${count} files; give what belongs together a folder, at most ${MAX_FILES}`,
    );
}
