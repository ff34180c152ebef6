/**
 * Names of other files that stand in a file: the shards of a model, the data of a run. A file from elsewhere must not be able
 * to have any file of the machine read, so a name is relative, and leads to something in the folder of the file that names it
 * or below. This is the rule for the name alone; what links lead to is looked at where files are opened (data/node.ts).
 */

/** What is wrong with such a name, in words that follow it; undefined if nothing is. */
export function nameProblem(name: string): string | undefined {
  if (name === "" || name.includes("\0")) return "is no name of a file";
  if (/^([/\\]|[a-z]:)/i.test(name)) return "is absolute; only a file beside the one that names it is read";
  if (/^[a-z][a-z0-9+.-]+:/i.test(name))
    return "is an address; only a file beside the one that names it is read";
  if (name.split(/[/\\]/).includes(".."))
    return "leads out of the folder; only a file beside the one that names it is read";
  return undefined;
}
