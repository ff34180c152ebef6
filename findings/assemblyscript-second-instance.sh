#!/bin/sh
# AssemblyScript: a second instance on the same shared memory sets static data back to what they were at the start.
#
# Versions: assemblyscript 0.28.20, Node 20.20.2.
# Behaviour: threads are instances of one module over one memory. `memory.data` has an active data segment, also with shared
# memory, and an active segment is copied whenever the module is instantiated: so each thread that starts late undoes what
# the others have written there. A global variable is the opposite case, one for each instance, and never shared.
# Here: the kernels (src/exec/wasm/assembly) write neither static data nor globals; what changes lies above the static data,
# at addresses that are handed in.
#
# Output seen:
#   the first instance writes 42 over static data of 7: it reads 42
#   after a second instance has started: the first reads 7, the second 7
#   a global that the first sets to 42: the first reads 42, the second 5
. "$(dirname "$0")/lib.sh"
npm_packages assemblyscript@0.28.20
cat >counter.ts <<'TS'
const at = memory.data<i32>([7]);
let global: i32 = 5;
export function stored(): i32 { return load<i32>(at); }
export function store_(value: i32): void { store<i32>(at, value); }
export function globally(): i32 { return global; }
export function setGlobal(value: i32): void { global = value; }
TS
node_modules/.bin/asc counter.ts --outFile counter.wasm --runtime stub --enable threads --importMemory --sharedMemory \
  --initialMemory 1 --maximumMemory 1
node --input-type=module - <<'JS'
import { readFileSync } from "node:fs";
import { expect } from "./finding.mjs";

const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
const module = new WebAssembly.Module(readFileSync("counter.wasm"));
const start = () => new WebAssembly.Instance(module, { env: { memory } }).exports;

const first = start();
first.store_(42);
first.setGlobal(42);
console.log(`the first instance writes 42 over static data of 7: it reads ${first.stored()}`);
expect(first.stored() === 42, "what was written is read");
const second = start();
console.log(`after a second instance has started: the first reads ${first.stored()}, the second ${second.stored()}`);
console.log(`a global that the first sets to 42: the first reads ${first.globally()}, the second ${second.globally()}`);
expect(first.stored() === 7, "starting a second instance sets static data back");
expect(first.globally() === 42 && second.globally() === 5, "globals are not shared");
JS
