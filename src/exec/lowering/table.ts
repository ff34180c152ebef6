/**
 * The table of integers that a plan becomes in linear memory: the only contract between the driver
 * (lower*.ts, which write it) and the kernels (assembly/, which read it). generate.mjs copies this file to
 * assembly/table.generated.ts, so that both sides are compiled from the same numbers.
 *
 * A table is a sequence of rows of int32. Every row starts with a head: what it is, and how threads share it.
 * Addresses are bytes in linear memory; a `slot` is an offset from the thread's header, of an int that the
 * driver or a loop sets (a row count, a first row, the address of a table of the batch).
 * A `view` is three ints: address of the buffer, row stride in bytes, slot of the first row.
 */

// Head of every row.
export const ROW_KIND = 0;
export const ROW_SIZE = 1;
/** The number of the plan's step, for faults. */
export const ROW_STEP = 2;
/** Slot of the number of rows that the step has at this moment. */
export const ROW_ROWS = 3;
/** What one of these rows costs, in about nanoseconds; 0: the row is never shared, thread 0 runs it. */
export const ROW_WORK = 4;
/** What threads share, each a range: so many units, or if negative so many (its opposite) for every row. */
export const ROW_UNITS = 5;
/** A thread's range starts at a multiple of so many units. */
export const ROW_GRAIN = 6;
export const ROW_HEAD = 7;

// Kinds of rows.
export const END = 0;
export const LOOP = 1;
export const PACK = 2;
export const APPLY = 3;
export const GRADIENT = 4;
export const ELEMENTWISE = 5;
export const REDUCE = 6;
export const GATHER = 7;
export const SCATTER_ADD = 8;
export const RANDOM = 9;
export const COLUMNS = 10;
export const SPREAD = 11;

// The header of a thread in a program; those of all threads lie HEADER_STRIDE bytes apart, thread 0's first.
/** Address of the rows that pack parameters: they run only when parameters have changed. */
export const HEADER_PACKING = 0;
/** Address of the rows that are the plan's steps. */
export const HEADER_STEPS = 1;
/** Address of the thread's scratch memory, and of the scratch of all. Offsets into them stand in the rows. */
export const HEADER_SCRATCH = 2;
export const HEADER_SHARED_SCRATCH = 3;
/** The first index out of bounds: number of its step (−1: none), the row it stands in, its value, the bound. */
export const HEADER_FAULT_STEP = 4;
export const HEADER_FAULT_ROW = 5;
export const HEADER_FAULT_INDEX = 6;
export const HEADER_FAULT_BOUND = 7;
/** The thread's number, how many there are, and the address of what they meet through. */
export const HEADER_THREAD = 8;
export const HEADER_THREADS = 9;
export const HEADER_TEAM = 10;
export const HEADER_STRIDE = 11;
/** The slots follow. */
export const HEADER_SIZE = 12;

// What the threads of an executor meet through, one cache line for each int that is waited for.
/** Counts the runs that were given to the threads; the header of thread 0 and `repack` of the latest. */
export const TEAM_RUN = 0;
export const TEAM_HEADER = 1;
export const TEAM_REPACK = 2;
/** Least work, in units of ROW_WORK, that is shared between threads. */
export const TEAM_LEAST_WORK = 3;
/** Threads that have reached the barrier. */
export const TEAM_ARRIVED = 16;
/** Counts the barriers that all have passed. */
export const TEAM_PHASE = 32;
/** 1 when a thread has stopped with an error; bytes of its message, which follows in UTF-8. */
export const TEAM_FAILED = 48;
export const TEAM_MESSAGE_BYTES = 49;
export const TEAM_MESSAGE = 50;
export const TEAM_SIZE = 128;

// Slots of a packing. FIRST, TOKENS, SEQUENCES and PLACE are set by a loop over it; outside they are 0, N, B and 0.
export const PACKING_FIRST = 0;
export const PACKING_TOKENS = 1;
export const PACKING_SEQUENCES = 2;
/** First place of those that the thread processes. */
export const PACKING_PLACE = 3;
export const PACKING_N = 4;
export const PACKING_B = 5;
export const PACKING_T = 6;
/** Addresses of `offsets` (T + 1 ints) and `active` (T ints). */
export const PACKING_OFFSETS = 7;
export const PACKING_ACTIVE = 8;
/** The thread's places in a shared loop, FROM to TO − 1: about as many tokens as any other thread's. */
export const PACKING_FROM = 9;
export const PACKING_TO = 10;
export const PACKING_SIZE = 11;

// Slots of an alignment. ROWS and FIRST are set by a loop over its reading packing; outside they are N of its source and 0.
export const ALIGNMENT_ROWS = 0;
export const ALIGNMENT_FIRST = 1;
export const ALIGNMENT_N = 2;
/** Address of `offsets`, B + 1 ints. */
export const ALIGNMENT_OFFSETS = 3;
export const ALIGNMENT_SIZE = 4;

/** Slot of the packing's first int; how many alignments follow, each the slot of its first int; body rows. */
export const LOOP_PACKING = 7;
export const LOOP_REVERSE = 8;
/** Ints of the body, which follows this row and ends with END. */
export const LOOP_BODY = 9;
export const LOOP_ALIGNMENTS = 10;
export const LOOP_LIST = 11;

/** b [k, n], or [n, k] if transposed, dense -> panels [blocks of k][panel][k][TILE_COLUMNS], zero padded. */
export const PACK_FROM = 7;
export const PACK_K = 8;
export const PACK_N = 9;
export const PACK_TRANSPOSE = 10;
export const PACK_PANELS = 11;

/** c[rows, n] = start + a[rows, k] · panels. */
export const APPLY_A = 7;
export const APPLY_C = 10;
export const APPLY_K = 13;
export const APPLY_N = 14;
export const APPLY_PANELS = 15;
export const APPLY_START = 16;
/** Address of the row, for START_ROW. */
export const APPLY_START_ROW = 17;
/** 1 if rows of c have no room behind column n: the last panel then goes through a tile in scratch. */
export const APPLY_EXACT = 18;
/** Offset in scratch of that tile: EDGE_ROWS × TILE_COLUMNS floats. */
export const APPLY_TILE = 19;
export const EDGE_ROWS = 64;

/** c[m, n] = start + aᵀ b for each operand a and each factor b, summed over the rows in order. */
export const GRADIENT_OPERANDS = 7;
export const GRADIENT_FACTORS = 8;
/** Offset in scratch of aᵀ of one block of one operand: its m rows, GRADIENT_STRIDE apart. */
export const GRADIENT_TRANSPOSED = 9;
/** Offset in scratch of panels of b [GRADIENT_BLOCK, TILE_COLUMNS]: one, or for several operands all of a block. */
export const GRADIENT_PANEL = 10;
/** 1 if threads share the panels of all factors; 0 if they share the m rows of all operands. */
export const GRADIENT_BY_PANELS = 11;
/** The operands, the factors, then the outputs: for each operand one for each factor. */
export const GRADIENT_LIST = 12;
// An operand: view of a, m.
export const OPERAND_A = 0;
export const OPERAND_M = 3;
export const OPERAND_A_INTS = 4;
// A factor: view of b, n.
export const FACTOR_B = 0;
export const FACTOR_N = 3;
export const FACTOR_INTS = 4;
// One output: address of c (dense), start, address of its row, offset in the shared scratch of its sum (panels
// [n / TILE_COLUMNS, rounded up][m][TILE_COLUMNS]).
export const OUTPUT_C = 0;
export const OUTPUT_START = 1;
export const OUTPUT_START_ROW = 2;
export const OUTPUT_SUM = 3;
export const OUTPUT_INTS = 4;
/** Rows of a and b that are packed at once. */
export const GRADIENT_BLOCK = 256;
/** Floats between rows of aᵀ: a line more than the block, since rows 1 KB apart would share few sets of a cache. */
export const GRADIENT_STRIDE = 272;

// What a result starts from.
export const START_ZERO = 0;
export const START_ACCUMULATE = 1;
export const START_ROW = 2;

/** A register program over rows × stride floats. */
/** Floats from one row to the next of the step's own shape: also the row length that is computed. */
export const ELEMENTWISE_STRIDE = 7;
/** 1 if some operand is repeated over rows or features. */
export const ELEMENTWISE_REPEATS = 8;
/** Floats of a tile, a multiple of 8. */
export const ELEMENTWISE_CHUNK = 9;
/** Offset in scratch of the register table: address and step of each register, two ints. */
export const ELEMENTWISE_REGISTERS = 10;
export const ELEMENTWISE_OPERANDS = 11;
export const ELEMENTWISE_INSTRUCTIONS = 12;
export const ELEMENTWISE_LIST = 13;
// An operand: role, register, view, offset in scratch. The instructions follow the operands.
export const OPERAND_ROLE = 0;
export const OPERAND_REGISTER = 1;
export const OPERAND_VIEW = 2;
export const OPERAND_SCRATCH = 5;
export const OPERAND_INTS = 6;
/** An intermediate value: a tile in scratch. */
export const ROLE_TILE = 0;
/** Eight equal floats at the view's address. */
export const ROLE_CONSTANT = 1;
/** One number, repeated over everything: splat to eight floats in scratch before the first row. */
export const ROLE_SCALAR = 2;
/** Read where it lies. */
export const ROLE_FULL = 3;
/** Written where it lies; eight floats in scratch take the place of what would pass its end. */
export const ROLE_OUTPUT = 4;
/** One row, repeated over the rows: read where it lies, or repeated into a tile in scratch. */
export const ROLE_ROW = 5;
/** One number per row (stride 1): splat into scratch, row by row or for a tile of rows. */
export const ROLE_COLUMN = 6;
// An instruction: op (its place in elementwiseOps of cell/meanings.ts), destination register, three source registers (unused ones repeat the first).
export const INSTRUCTION_OP = 0;
export const INSTRUCTION_INTO = 1;
export const INSTRUCTION_A = 2;
export const INSTRUCTION_B = 3;
export const INSTRUCTION_C = 4;
export const INSTRUCTION_INTS = 5;

/** A reduction. ROW_ROWS counts the rows of `from`, or the places for SEGMENTS. */
export const REDUCE_FROM = 7;
export const REDUCE_INTO = 10;
export const REDUCE_WIDTH = 13;
export const REDUCE_OP = 14;
export const REDUCE_ALONG = 15;
export const REDUCE_ACCUMULATE = 16;
/** Slot that holds the address of the alignment's offsets, for SEGMENTS. */
export const REDUCE_OFFSETS = 17;
/** Slot of the first place, for SEGMENTS. */
export const REDUCE_PLACE = 18;
export const ALONG_FEATURES = 0;
export const ALONG_ROWS = 1;
export const ALONG_ALL = 2;
export const ALONG_SEGMENTS = 3;
export const REDUCE_SUM = 0;
export const REDUCE_SUM_SQUARES = 1;
export const REDUCE_MAX = 2;
export const REDUCE_ARGMAX = 3;
export const REDUCE_LOG_SUM_EXP = 4;

/** into[i, :] = from[b, :] for every aligned row i of place b. ROW_ROWS counts the places; `into` is the whole buffer. */
export const SPREAD_FROM = 7;
export const SPREAD_INTO = 10;
export const SPREAD_WIDTH = 13;
/** Slot that holds the address of the alignment's offsets, and slot of the first place. */
export const SPREAD_OFFSETS = 14;
export const SPREAD_PLACE = 15;

/** GATHER and SCATTER_ADD: what is indexed is `from` of a gather and `into` of a scatter-add. */
export const INDEXED_FROM = 7;
export const INDEXED_INTO = 10;
export const INDEXED_INDEX = 13;
export const INDEXED_WIDTH = 16;
/** 1 for the axis `columns`. */
export const INDEXED_COLUMNS = 17;
/** Slot that holds the number of rows (or columns) an index may name. */
export const INDEXED_BOUND = 18;
export const INDEXED_START = 19;
export const INDEXED_START_ROW = 20;

/** Uniform numbers. */
export const RANDOM_INTO = 7;
export const RANDOM_WIDTH = 10;
/** purpose · 65536 + layer. */
export const RANDOM_KEY = 11;
/** Addresses of one number each. */
export const RANDOM_SEED = 12;
export const RANDOM_STEP = 13;
/** Views of one number per row; RANDOM_HAS_TIME is 0 if the time is 0 everywhere. */
export const RANDOM_SEQUENCE = 14;
export const RANDOM_TIME = 17;
export const RANDOM_HAS_TIME = 20;
/** Offset in scratch of 16 floats. */
export const RANDOM_SCRATCH = 21;

/** into[i, :] = from[i, :] for `width` ints or floats; the views point at the first of the columns. */
export const COLUMNS_FROM = 7;
export const COLUMNS_INTO = 10;
export const COLUMNS_WIDTH = 13;
