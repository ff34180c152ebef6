/**
 * What tests use of jsfive, another reader of HDF5, which comes without types.
 */

declare module "jsfive" {
  /** Opens a file that is wholly in memory: a group, as hdf5.test.ts describes it. Throws errors and texts. */
  export const File: new (bytes: ArrayBuffer, name: string) => unknown;
}
