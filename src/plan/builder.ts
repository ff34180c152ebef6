/**
 * Builds plans: declares buffers, appends steps, and keeps the tape from which the backward steps are
 * appended. Layers, losses and optimisers call it; the result is a Plan, which is data. Steps are emitted
 * one op at a time in the plainest way; the passes make them fast.
 */
import {
  type LeafStep,
  type Plan,
  type PlanBuffer,
  PlanError,
  type Role,
  type Space,
  type Start,
  type Step,
} from "./plan.js";

/** A value inside a plan under construction: a buffer and its shape. */
export interface Value {
  readonly buffer: string;
  readonly space: Space;
  readonly width: number;
}

/** A persistent matrix of the model: `rows` × `width`, dense. */
export interface ParameterBuffer {
  readonly name: string;
  readonly rows: number;
  readonly width: number;
}

/** A trained parameter, and the value that holds its gradient. */
export interface Gradient {
  readonly parameter: ParameterBuffer;
  readonly gradient: Value;
}

/** Collects buffers, steps and the tape of one plan. */
export class Builder {
  readonly name: string;
  private readonly buffers: Record<string, PlanBuffer> = {};
  /** Of each hint the next number that may be free. */
  private readonly numbers = new Map<string, number>();
  private readonly packings: string[] = [];
  private readonly steps: Step[] = [];
  private block: Step[] = this.steps;
  private readonly tape: (() => void)[] = [];
  private readonly gradients = new Map<string, string>();
  private readonly trained = new Map<string, ParameterBuffer>();
  private readonly needing = new Set<string>();
  /** Gradient buffers that belong to one value alone and may be added to in place. */
  private readonly own = new Set<string>();
  /** Where the gradient of a parameter is to lie, if somewhere in particular. */
  private placeOf: (parameter: string) => Value | undefined = () => undefined;

  private readonly frozen: (parameter: string) => boolean;

  /** @param frozen tells the parameters that no gradient is to reach; default: none */
  constructor(name: string, frozen: (parameter: string) => boolean = () => false) {
    this.name = name;
    this.frozen = frozen;
  }

  /** Declares a buffer under `hint`, or `hint.2`, `hint.3` … if that is taken. */
  buffer(
    hint: string,
    space: Space,
    width: number,
    role: Role = "temporary",
    dtype: PlanBuffer["dtype"] = "real",
  ): Value {
    let name = hint;
    let number = this.numbers.get(hint) ?? 2;
    for (; this.buffers[name]; number++) name = `${hint}.${number}`;
    this.numbers.set(hint, number);
    this.buffers[name] = { name, dtype, space, width, role };
    return { buffer: name, space, width };
  }

  /** Declares an input that the caller writes before each run; the same name twice is the same input. */
  input(name: string, space: Space, width: number, dtype: PlanBuffer["dtype"] = "real"): Value {
    const there = this.buffers[name];
    if (!there) return this.buffer(name, space, width, "input", dtype);
    if (there.space !== space || there.width !== width || there.dtype !== dtype || there.role !== "input") {
      throw new PlanError(`the input "${name}" is declared twice with different shapes`);
    }
    return { buffer: name, space, width };
  }

  /** Declares a packing; its tables come with every run. */
  packing(name: string): string {
    if (!this.packings.includes(name)) this.packings.push(name);
    return name;
  }

  /** Declares a parameter. Using its name again gives the same buffer (tied weights). */
  parameter(name: string, rows: number, width: number, trained = true): Value {
    const space: Space = `rows:${rows}`;
    const there = this.buffers[name];
    if (there && (there.space !== space || there.width !== width)) {
      throw new PlanError(
        `the parameter "${name}" is used as ${rows} × ${width} and as ${there.space.slice(5)} × ${there.width}`,
      );
    }
    if (!there) this.buffer(name, space, width, "parameter");
    if (trained && !this.frozen(name)) {
      this.trained.set(name, { name, rows, width });
      this.needing.add(name);
    }
    return { buffer: name, space, width };
  }

  /** Declares a persistent buffer of an optimiser. */
  slot(name: string, space: Space, width: number): Value {
    return this.buffer(name, space, width, "slot");
  }

  /** Makes a value readable after the run under `name`. */
  output(name: string, value: Value): Value {
    const out = this.buffer(
      name,
      value.space,
      value.width,
      "output",
      this.buffers[value.buffer]?.dtype ?? "real",
    );
    if (out.buffer !== name) throw new PlanError(`there are two outputs "${name}"`);
    this.emit({
      kind: "elementwise",
      space: value.space,
      width: value.width,
      inputs: [value.buffer],
      program: [],
      outputs: [{ buffer: name, register: 0 }],
    });
    return out;
  }

  /** Appends a step. */
  emit(step: LeafStep): void {
    this.block.push(step);
  }

  /** Appends a loop over the packing's steps; `fill` emits its body. */
  loop(packing: string, reverse: boolean, fill: () => void): void {
    if (this.block !== this.steps) throw new PlanError("loops do not nest");
    const body: LeafStep[] = [];
    this.block = body;
    try {
      fill();
    } finally {
      this.block = this.steps;
    }
    this.steps.push({ kind: "loop", packing, reverse, body });
  }

  /** Sets a buffer to one number, in the whole of `space`. */
  fill(target: Value, value: number): void {
    this.emit({
      kind: "elementwise",
      space: target.space,
      width: target.width,
      inputs: [],
      program: [{ op: "constant", args: [], value }],
      outputs: [{ buffer: target.buffer, register: 0 }],
    });
  }

  /** Copies a value, in `space`: within a loop per-sequence and per-token buffers meet. */
  copy(from: Value, to: Value, space: Space): void {
    this.emit({
      kind: "elementwise",
      space,
      width: to.width,
      inputs: [from.buffer],
      program: [],
      outputs: [{ buffer: to.buffer, register: 0 }],
    });
  }

  /** Asks for the gradient of a value that is not a parameter: an input, an initial state. */
  watch(value: Value): Value {
    this.needing.add(value.buffer);
    return value;
  }

  /** True if gradients flow into this value. */
  needsGradient(value: Value): boolean {
    return this.needing.has(value.buffer);
  }

  /** Records how to go back through what was just emitted, if any of `from` needs a gradient. */
  record(from: readonly Value[], made: readonly Value[], back: () => void): void {
    if (!from.some((v) => this.needsGradient(v))) return;
    for (const value of made) this.needing.add(value.buffer);
    this.tape.push(back);
  }

  /** The gradient collected for a value so far, if any. */
  gradient(value: Value): Value | undefined {
    const buffer = this.gradients.get(value.buffer);
    return buffer === undefined ? undefined : { ...value, buffer };
  }

  /**
   * Adds a contribution to a value's gradient: `emit` writes it into the target, starting as told. Gradients
   * are only ever added to.
   */
  contribute(value: Value, emit: (target: Value, start: Start) => void): void {
    if (!this.needsGradient(value)) return;
    const there = this.gradient(value);
    emit(there ? this.owned(value, there) : this.fresh(value), there ? "accumulate" : "zero");
  }

  /** The gradient's buffer, set to zero on first use: for contributions made inside loops, which accumulate. */
  accumulator(value: Value): Value {
    const there = this.gradient(value);
    if (there) return this.owned(value, there);
    const target = this.fresh(value);
    this.fill(target, 0);
    return target;
  }

  /** Adds a gradient that lies in a buffer already; the first one is taken over without a copy. */
  contributeBuffer(value: Value, from: Value): void {
    if (!this.needsGradient(value)) return;
    const there = this.gradient(value);
    if (!there) {
      this.gradients.set(value.buffer, from.buffer);
      return;
    }
    const inputs = [there.buffer, from.buffer];
    const outputs = [{ buffer: this.fresh(value).buffer, register: 2 }];
    const { space, width } = value;
    this.emit({ kind: "elementwise", space, width, inputs, program: [{ op: "add", args: [0, 1] }], outputs });
  }

  /** A new buffer for a value's gradient, which may be added to in place. */
  private fresh(value: Value): Value {
    const place = this.gradients.has(value.buffer) ? undefined : this.placeOf(value.buffer);
    const target = place ?? this.buffer(`d.${value.buffer}`, value.space, value.width);
    this.gradients.set(value.buffer, target.buffer);
    this.own.add(target.buffer);
    return target;
  }

  /** A gradient that may be added to: a buffer taken over from elsewhere may have other readers, so it is copied. */
  private owned(value: Value, there: Value): Value {
    if (this.own.has(there.buffer)) return there;
    const target = this.fresh(value);
    this.copy(there, target, value.space);
    return target;
  }

  /**
   * Appends the backward steps of everything recorded so far.
   *
   * @param loss a value whose elements are summed to the objective
   * @param seed the gradient of each of its elements: a scalar value (for example 1 / number of sequences)
   * @param place declares the buffer in which a parameter's gradient is to lie; default: a temporary
   * @returns trained parameters with the value that holds each gradient; those no gradient reaches are left out
   */
  backward(loss: Value, seed: Value, place?: (parameter: ParameterBuffer) => Value): Gradient[] {
    if (!this.needsGradient(loss)) throw new PlanError("the loss does not depend on any trained parameter");
    const places = new Map<string, Value>();
    this.placeOf = (name) => {
      const parameter = this.trained.get(name);
      if (!place || !parameter) return undefined;
      const there = places.get(name) ?? place(parameter);
      places.set(name, there);
      return there;
    };
    const d = this.buffer(`d.${loss.buffer}`, loss.space, loss.width);
    this.gradients.set(loss.buffer, d.buffer);
    this.copy(seed, d, loss.space);
    for (const back of this.tape.splice(0).reverse()) back();
    const out: Gradient[] = [];
    for (const parameter of this.trained.values()) {
      const gradient = this.gradient({
        buffer: parameter.name,
        space: `rows:${parameter.rows}`,
        width: parameter.width,
      });
      if (!gradient) continue;
      const target = this.placeOf(parameter.name) ?? gradient;
      // One that was taken over, or collected in several buffers, is not in its place yet.
      if (target.buffer !== gradient.buffer) this.copy(gradient, target, target.space);
      out.push({ parameter, gradient: target });
    }
    return out;
  }

  /** The finished plan. */
  finish(): Plan {
    return { name: this.name, packings: this.packings, buffers: this.buffers, steps: this.steps };
  }
}
