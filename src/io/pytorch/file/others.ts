/**
 * Files that are taken for models and are none: what stands in their place, recognised by its start.
 */
import { FileFormatError } from "../../errors.js";

/** What begins such a file, what it is, and what to do. */
const kinds: readonly {
  readonly starts: (text: string) => boolean;
  readonly is: string;
  readonly remedy: string;
}[] = [
  {
    starts: (text) => text.startsWith("version https://git-lfs.github.com/spec/"),
    is: "is a pointer of Git LFS, which stands for the file",
    remedy: "Fetch the file itself: git lfs pull.",
  },
  {
    starts: (text) => text.startsWith("\x1f\x8b"),
    is: "is packed by gzip",
    remedy: "Unpack it first: gzip -d, or tar -xzf for a .tar.gz.",
  },
  {
    starts: (text) => text.slice(257, 262) === "ustar",
    is: "is a tar archive",
    remedy: "Unpack it first (tar -xf), and import the file of torch.save that is inside.",
  },
  {
    starts: (text) => /^\s*<(!doctype|html)/i.test(text),
    is: "is a page of the web, as a download gives it that wanted a login or a confirmation",
    remedy: "Download the file itself.",
  },
  {
    starts: (text) => text.startsWith("\x89HDF\r\n"),
    is: "is an HDF5 file",
    remedy: "Import it as one of Keras.",
  },
];

/** @throws FileFormatError naming what the file is, if it is known and no model */
export function refuseOthers(bytes: Uint8Array, file: string): void {
  const start = String.fromCharCode(...bytes.subarray(0, 300));
  const found = kinds.find(({ starts }) => starts(start));
  if (found) throw new FileFormatError({ file, where: "start", problem: found.is, remedy: found.remedy });
}
