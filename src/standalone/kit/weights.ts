/** How a module reads its weights, as texts of JavaScript: base64 is decoded by atob, which all runtimes have. */
import type { Piece } from "./piece.js";

/** The pieces. */
export const weightPieces: Readonly<Record<string, Piece>> = {
  bytesOf: {
    code: `
/** The bytes of a base64 text. */
function bytesOf(text) {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}`,
  },
  floats: {
    needs: ["bytesOf"],
    code: `
/** Numbers of 32 bits, the lowest byte first. */
function floats(text) {
  const { buffer } = bytesOf(text);
  const view = new DataView(buffer);
  return Float32Array.from({ length: buffer.byteLength / 4 }, (_, i) => view.getFloat32(4 * i, true));
}`,
  },
  rows: {
    needs: ["bytesOf", "floats"],
    code: `
/** A matrix of which every row has whole numbers from -127 to 127 and a scale. */
function rows(numbers, scales) {
  const scale = floats(scales);
  const whole = new Int8Array(bytesOf(numbers).buffer);
  const columns = whole.length / scale.length;
  return Float32Array.from(whole, (number, i) => number * scale[Math.floor(i / columns)]);
}`,
  },
};
