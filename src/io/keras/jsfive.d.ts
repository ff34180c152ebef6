// What hdf5.ts uses of jsfive, which comes without types. Attributes and links are keys of plain objects; what is not
// supported is thrown, at times as a text.
declare module "jsfive" {
  /** A group, or the file itself, or (with `shape`) a dataset. */
  interface Node {
    /** Of a group its names; a dataset has the method of arrays instead. */
    readonly keys: readonly string[] | (() => unknown);
    readonly attrs: Readonly<Record<string, unknown>>;
    readonly shape?: readonly number[];
    /** "<f4", or a list for what is no plain number. */
    readonly dtype?: unknown;
    readonly value?: readonly unknown[];
    get(name: string): Node | null;
  }
  /** Opens a file that is wholly in memory. */
  export const File: new (bytes: ArrayBuffer, name: string) => Node;
}
