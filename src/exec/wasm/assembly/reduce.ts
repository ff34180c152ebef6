/**
 * Reductions. Orders are fixed by the shape alone, so a row or a segment has the same bits in any batch.
 * The result is written when its last operand has been read; it is none of the operands.
 */
import { addFloats, } from "./gemm";
