/**
 * The equations of the catalogue's cells in LaTeX, from the library as it is built.
 */
import { catalogue, printCell } from "../../dist/cell/index.js";
import { printBackward } from "../../dist/grad/index.js";

/** @param {string} name */
function equationsOf(name) {
  const cell = catalogue[/** @type {keyof typeof catalogue} */ (name)];
  if (!cell) throw new Error(`a page shows the cell ${name}, and the catalogue has none of that name`);
  return cell.equations();
}

/** @param {string} name @returns {string} */
export const cellLatex = (name) => printCell(equationsOf(name), "latex");

/** @param {string} name @returns {string} without its remark, which the page's text has */
export const backwardLatex = (name) => printBackward(equationsOf(name), "latex").replace(/^%.*\n/, "");
