import { createWasmExecutor } from "unrolled/exec/wasm";
import { catalogue } from "unrolled/cell";
import { bindBatch, capacityFor, initialParameters, names, network, recurrent, writeParameters } from "unrolled/nn";
import { sgd, trainingNames, trainingPlan } from "unrolled/train";
const [X,H,B,T,seconds]=process.argv.slice(2).map(Number);
const net = network({ input: { width: X }, layers: [recurrent({ cell: catalogue.gru, units: H })], loss: "squaredError" });
const plan = trainingPlan(net, { optimizer: sgd(), clip: 1 });
const runs=[];
for (const threads of [1,2]) { const executor = await createWasmExecutor({threads});
const program = executor.prepare(plan, { [names.packing]: capacityFor([new Array(B).fill(T)]) });
writeParameters(net, initialParameters(net, 1), executor);
const example = (i) => ({ input: Float32Array.from({ length: T * X }, (_, k) => Math.sin(i + k)), target: Float32Array.from({ length: T * H }, (_, k) => 0.5 * Math.cos(i + k)) });
const { batch } = bindBatch(net, program, Array.from({ length: B }, (_, i) => example(i)), { seed: 1, step: 1 });
program.write(trainingNames.weight, [1 / B]); program.write("train.rate", [1e-3]); for (let i=0;i<5;i++) program.run(batch); runs.push({program,batch,times:[]}); }
const began=performance.now();
while (performance.now()-began<seconds*1000) for (const {program,batch,times} of runs) { const a=performance.now(); program.run(batch); times.push(performance.now()-a); }
const q=runs.map(({times})=>{times.sort((a,b)=>a-b);return [0,.1,.25,.5].map(s=>times[Math.floor(s*(times.length-1))]);});
console.log(X,H,B,T,"one",q[0].map(v=>v.toFixed(1)).join(" "),"two",q[1].map(v=>v.toFixed(1)).join(" "),"ratio",q[0].map((v,i)=>(v/q[1][i]).toFixed(2)).join(" "));
process.exit();
