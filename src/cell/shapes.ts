/**
 * How wide an op's value is and which rows it has, from its operands: the shape rule of the list of ops, applied.
 */
import { CellError, type Expr, rowsOf, type Width } from "./expr.js";
import { meanings, type OpName, type Rows } from "./meanings.js";

/** The common width of operands: all equal, or "1" beside them. */
function commonWidth(op: OpName, args: readonly Expr[]): Width {
  let width: Width = "1";
  for (const arg of args) {
    if (arg.width === "1" || arg.width === width) continue;
    if (width !== "1") {
      throw new CellError(
        `${op} was given widths ${args.map((a) => a.width).join(" and ")}; its operands must have one width ` +
          "(bring them to it with affine or linear)",
      );
    }
    width = arg.width;
  }
  return width;
}

/** The width of an op's value. */
export function resultWidth(op: OpName, args: readonly Expr[]): Width {
  return meanings[op].width ?? commonWidth(op, args);
}

/** The rows of an op's value. @throws CellError if its operands have others than it takes, or different ones */
export function resultRows(op: OpName, args: readonly Expr[]): Rows {
  // Numbers hold at every row.
  const found = new Set(args.filter((arg) => !meanings[arg.op].fixed).map(rowsOf));
  const { rows } = meanings[op];
  if (found.size > 1)
    throw new CellError(
      `${op} was given values of a step and of a source's rows; bring the former to the source with spread`,
    );
  const [all = "step"] = found;
  if (rows && all !== rows.from)
    throw new CellError(
      rows.from === "step"
        ? `${op} takes values of a step, not of a source's rows; sum them first`
        : `${op} takes values over a source's rows, not of a step; it stands only in loops that read a source`,
    );
  return rows?.to ?? all;
}
