/**
 * A reader of pickles, the format inside PyTorch's files, that executes nothing: containers, numbers and texts are made. A
 * class or function that a pickle names is a text to it. What Python would call is looked up in a table of the caller's,
 * where a few names have a meaning; a call of any other is written down as an inert record of its name and its arguments.
 *
 * Source: CPython's Lib/pickletools.py, protocols 2 to 5.
 */
import type { FileFormatError } from "../../errors.js";

/** What a name in a pickle stands for. */
export interface PickleGlobal {
  /** "collections.OrderedDict". */
  readonly name: string;
  /** What calling it gives; absent: a {@link PickleRecord}. */
  readonly call?: (args: readonly unknown[]) => unknown;
}

/** What Python would have made by a call, which nobody makes here: the name of what is called, and what it is given. */
export class PickleRecord {
  /** "torch.nn.modules.rnn.LSTM"; of a call of what another call gives, that one's name. */
  readonly name: string;
  readonly args: readonly unknown[];
  /** Attributes, as the pickle sets them; null: none. */
  state: unknown = null;
  /** What a dictionary of a class of its own holds. */
  readonly entries = new Map<unknown, unknown>();
  /** What a list of a class of its own holds. */
  readonly items: unknown[] = [];

  constructor(name: string, args: readonly unknown[]) {
    this.name = name;
    this.args = args;
  }
}

/** What reading a pickle needs. */
export interface PickleOptions {
  /** What a name stands for. */
  readonly global: (module: string, name: string) => PickleGlobal;
  /** What a persistent id stands for. @throws FileFormatError if it is not understood */
  readonly persistent: (id: unknown) => unknown;
  /** The error of a damaged pickle, or of one that does more than it may. */
  readonly fail: (problem: string) => FileFormatError;
  /** Takes the bytes of what is made. @throws FileFormatError if it is too much */
  readonly take: (bytes: number) => void;
}

/** What an operation takes at least: what it makes, its place on the stack, in the memo, in a container. */
const OF_AN_OPERATION = 64;

/**
 * Reads one pickle. Lists and tuples become arrays, dictionaries become Maps, None becomes null.
 *
 * @param from where it starts
 * @returns the value, and where the pickle ends
 * @throws FileFormatError as the options make it
 */
export function readPickle(
  bytes: Uint8Array,
  options: PickleOptions,
  from = 0,
): { readonly value: unknown; readonly end: number } {
  const machine = new Machine(bytes, options, from);
  for (;;) {
    const code = machine.byte();
    options.take(OF_AN_OPERATION);
    if (code === STOP) return { value: machine.pop(), end: machine.at };
    const step = steps[code];
    if (step === undefined)
      throw options.fail(
        `has the operation 0x${code.toString(16).padStart(2, "0")}, which state dicts do not need`,
      );
    step(machine);
  }
}

const STOP = 0x2e;

/** The stack machine that pickles are programs of. */
class Machine {
  private stack: unknown[] = [];
  /** Stacks that marks have set aside. */
  private readonly marked: unknown[][] = [];
  private readonly memo = new Map<number, unknown>();
  private readonly view: DataView;
  private readonly bytes: Uint8Array;
  readonly options: PickleOptions;
  at: number;

  constructor(bytes: Uint8Array, options: PickleOptions, from: number) {
    this.bytes = bytes;
    this.options = options;
    this.at = from;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Goes on by so many bytes, and says where they start. */
  private advance(length: number): number {
    const start = this.at;
    if (!(length <= this.bytes.length - start)) throw this.options.fail("is cut off");
    this.at += length;
    return start;
  }

  byte = (): number => this.view.getUint8(this.advance(1));
  uint16 = (): number => this.view.getUint16(this.advance(2), true);
  uint32 = (): number => this.view.getUint32(this.advance(4), true);
  int32 = (): number => this.view.getInt32(this.advance(4), true);
  uint64 = (): number => Number(this.view.getBigUint64(this.advance(8), true));
  /** The one number that a pickle writes big-endian. */
  float64 = (): number => this.view.getFloat64(this.advance(8), false);

  raw(length: number): Uint8Array {
    const start = this.advance(length);
    return this.bytes.subarray(start, start + length);
  }

  text(length: number): string {
    this.options.take(2 * Math.min(length, this.bytes.length));
    try {
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(this.raw(length));
    } catch (error) {
      if (error instanceof TypeError) throw this.options.fail("holds a text that is not UTF-8");
      throw error;
    }
  }

  line(): string {
    const end = this.bytes.indexOf(10, this.at);
    if (end < 0) throw this.options.fail("is cut off");
    const text = this.text(end - this.at);
    this.at++;
    return text;
  }

  /** A whole number of so many bytes, little-endian, in two's complement. */
  long(length: number): number | bigint {
    // Adding up takes time by the square of the length; what torch.save writes so is 10 bytes long.
    if (length > 255) throw this.options.fail(`holds a whole number of ${length} bytes`);
    const bytes = this.raw(length);
    const value = bytes.reduceRight((sum, byte) => sum * 256n + BigInt(byte), 0n);
    const signed = length > 0 && bytes[length - 1]! > 127 ? value - (1n << BigInt(8 * length)) : value;
    return Number.isSafeInteger(Number(signed)) ? Number(signed) : signed;
  }

  push(value: unknown): void {
    this.stack.push(value);
  }

  pop(): unknown {
    if (this.stack.length === 0) throw this.options.fail("takes a value that is not there");
    return this.stack.pop();
  }

  top(): unknown {
    const value = this.pop();
    this.push(value);
    return value;
  }

  mark(): void {
    this.marked.push(this.stack);
    this.stack = [];
  }

  /** What was pushed since the last mark. */
  sinceMark(): unknown[] {
    const values = this.stack;
    const before = this.marked.pop();
    if (before === undefined) throw this.options.fail("goes back to a mark that is not there");
    this.stack = before;
    return values;
  }

  remember(key: number): void {
    this.memo.set(key, this.top());
  }

  rememberNext(): void {
    this.remember(this.memo.size);
  }

  recall(key: number): void {
    if (!this.memo.has(key)) throw this.options.fail("recalls a value that it has not remembered");
    this.push(this.memo.get(key));
  }

  /** Puts values into the list on top. */
  fill(values: readonly unknown[]): void {
    const top = this.top();
    const to = top instanceof PickleRecord ? top.items : top;
    if (Array.isArray(to)) {
      for (const value of values) to.push(value);
    } else throw this.options.fail("fills something that is no container");
  }

  /** Puts pairs into the dictionary on top. */
  set(values: readonly unknown[]): void {
    const top = this.top();
    const to = top instanceof PickleRecord ? top.entries : top;
    if (!(to instanceof Map) || values.length % 2 !== 0)
      throw this.options.fail("fills something that is no container");
    for (let i = 0; i < values.length; i += 2) to.set(values[i], values[i + 1]);
  }

  global(module: unknown, name: unknown): void {
    if (typeof module !== "string" || typeof name !== "string")
      throw this.options.fail("names something that is not a text");
    this.push(this.options.global(module, name));
  }

  /** A call, or a new object of a class: what the table says, else a record of it. */
  call(args: unknown): void {
    const callee = this.pop() as Partial<PickleGlobal> | null;
    if (typeof callee?.name !== "string" || !Array.isArray(args))
      throw this.options.fail("calls something that is no function");
    this.push(typeof callee.call === "function" ? callee.call(args) : new PickleRecord(callee.name, args));
  }

  /** Sets attributes. Those of an ordered dictionary (a state dict's _metadata) and of values that have none are passed over. */
  build(): void {
    const state = this.pop();
    const top = this.top();
    if (top instanceof PickleRecord) top.state = state;
    else if (typeof top !== "object" || top === null || Array.isArray(top))
      throw this.options.fail("sets attributes of something that has none");
  }
}

type Step = (machine: Machine) => void;

const tuple = (count: number): Step => {
  return (m) => {
    const values: unknown[] = [];
    for (let i = 0; i < count; i++) values.unshift(m.pop());
    m.push(values);
  };
};

/** One row per operation, by its byte. */
const steps: Readonly<Record<number, Step>> = {
  128: (m) => {
    const protocol = m.byte();
    if (protocol < 2 || protocol > 5) throw m.options.fail(`has protocol ${protocol}; 2 to 5 are read`);
  },
  149: (m) => m.uint64(), // FRAME: a length that only helps who reads ahead
  40: (m) => m.mark(),
  48: (m) => m.pop(),
  49: (m) => m.sinceMark(), // POP_MARK
  50: (m) => m.push(m.top()), // DUP
  78: (m) => m.push(null),
  136: (m) => m.push(true),
  137: (m) => m.push(false),
  74: (m) => m.push(m.int32()), // BININT
  75: (m) => m.push(m.byte()), // BININT1
  77: (m) => m.push(m.uint16()), // BININT2
  138: (m) => m.push(m.long(m.byte())), // LONG1
  139: (m) => m.push(m.long(m.uint32())), // LONG4
  71: (m) => m.push(m.float64()), // BINFLOAT
  85: (m) => m.push(m.text(m.byte())), // SHORT_BINSTRING
  84: (m) => m.push(m.text(m.uint32())), // BINSTRING
  140: (m) => m.push(m.text(m.byte())), // SHORT_BINUNICODE
  88: (m) => m.push(m.text(m.uint32())), // BINUNICODE
  141: (m) => m.push(m.text(m.uint64())), // BINUNICODE8
  67: (m) => m.push(m.raw(m.byte())), // SHORT_BINBYTES
  66: (m) => m.push(m.raw(m.uint32())), // BINBYTES
  142: (m) => m.push(m.raw(m.uint64())), // BINBYTES8
  150: (m) => m.push(m.raw(m.uint64())), // BYTEARRAY8
  93: (m) => m.push([]), // EMPTY_LIST
  125: (m) => m.push(new Map()), // EMPTY_DICT
  41: (m) => m.push([]), // EMPTY_TUPLE
  143: (m) => m.push([]), // EMPTY_SET: order and doubles mean nothing, and nothing here asks for members
  144: (m) => m.fill(m.sinceMark()), // ADDITEMS
  145: (m) => m.push(m.sinceMark()), // FROZENSET
  133: tuple(1),
  134: tuple(2),
  135: tuple(3),
  116: (m) => m.push(m.sinceMark()), // TUPLE
  108: (m) => m.push(m.sinceMark()), // LIST
  97: (m) => {
    // APPEND
    const value = m.pop();
    m.fill([value]);
  },
  101: (m) => m.fill(m.sinceMark()), // APPENDS
  115: (m) => {
    // SETITEM
    const value = m.pop();
    const key = m.pop();
    m.set([key, value]);
  },
  117: (m) => m.set(m.sinceMark()), // SETITEMS
  113: (m) => m.remember(m.byte()), // BINPUT
  114: (m) => m.remember(m.uint32()), // LONG_BINPUT
  148: (m) => m.rememberNext(), // MEMOIZE
  104: (m) => m.recall(m.byte()), // BINGET
  106: (m) => m.recall(m.uint32()), // LONG_BINGET
  99: (m) => m.global(m.line(), m.line()), // GLOBAL
  147: (m) => {
    // STACK_GLOBAL
    const name = m.pop();
    m.global(m.pop(), name);
  },
  81: (m) => m.push(m.options.persistent(m.pop())), // BINPERSID
  82: (m) => m.call(m.pop()), // REDUCE
  129: (m) => m.call(m.pop()), // NEWOBJ
  146: (m) => {
    // NEWOBJ_EX: arguments by name come last, and no record needs them.
    m.pop();
    m.call(m.pop());
  },
  98: (m) => m.build(), // BUILD
};
