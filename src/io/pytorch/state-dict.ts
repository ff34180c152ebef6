/**
 * The named tensors of a file: safetensors, or what torch.save wrote. A checkpoint that keeps its state dict beside other
 * things, as trainers write them, is looked through for it.
 */
import { checkArguments } from "../../options/check.js";
import { FileFormatError } from "../errors.js";
import { fileBudget, type ReadLimits } from "../limits.js";
import { isSafetensors, readSafetensors } from "../safetensors.js";
import type { StateDict } from "./modules.js";
import { isTorchFile, readTorchFile, StoredTensor } from "./torch-file.js";

/**
 * Reads a state dict.
 *
 * @param bytes the whole file, .safetensors, .pt or .pth; tensors are views into it, so do not change it while they are in use
 * @param name the file's name, for errors
 * @param limits how much reading it may take
 * @returns the tensors by name, in the order of the file
 * @throws FileFormatError naming what is wrong with the file, or that it is a pickled module and the way out
 */
export async function readStateDict(
  bytes: Uint8Array,
  name = "state dict",
  limits: ReadLimits = {},
): Promise<StateDict> {
  checkArguments("readStateDict", { bytes }, { bytes: { kind: "bytes" } });
  // The length of a safetensors header can begin as a pickle does (640 is 0x80 0x02), so it is looked at first.
  const safetensors = isSafetensors(bytes);
  if (safetensors || !isTorchFile(bytes)) {
    if (!safetensors && /\.(pt|pth|bin|ckpt)$/i.test(name)) {
      const problem = "is neither a zip archive nor a pickle";
      const remedy = "Files of torch.save are; is the file damaged, or of another program?";
      throw new FileFormatError({ file: name, where: "start", problem, remedy });
    }
    const { tensors, metadata } = readSafetensors(bytes, name);
    if (metadata["unrolled"] === undefined) return tensors;
    const problem = "is a model of unrolled already";
    throw new FileFormatError({ file: name, where: "metadata", problem, remedy: "Use it as it is." });
  }
  const file = await readTorchFile(bytes, name, fileBudget(name, limits, bytes.length));
  const out = new Map<string, Awaited<ReturnType<typeof file.tensor>>>();
  for (const [key, tensor] of stateDictIn(file.value, name)) out.set(key, await file.tensor(key, tensor));
  return out;
}

/** What trainers call the state dict in their checkpoints, where there are several dictionaries of tensors. */
const usual = ["state_dict", "model_state_dict", "model"];

function stateDictIn(value: unknown, file: string): ReadonlyMap<string, StoredTensor> {
  if (isTensors(value)) return value;
  const entries = value instanceof Map ? [...(value as ReadonlyMap<unknown, unknown>)] : [];
  const inside = entries.filter(([, each]) => isTensors(each));
  const [found, ...others] = inside;
  const named = usual.map((key) => inside.find(([each]) => each === key)).find((each) => each !== undefined);
  const chosen = named ?? (others.length === 0 ? found : undefined);
  if (chosen) return chosen[1] as ReadonlyMap<string, StoredTensor>;
  // A key may be a tuple of tuples, of which a text could be larger than any memory.
  const keys = entries
    .slice(0, 8)
    .map(([key]) =>
      typeof key === "string" || typeof key === "number" ? key : "something that is not a text",
    );
  throw new FileFormatError({
    file,
    where: "value",
    problem: `holds no state dict${keys.length > 0 ? `; it has ${keys.join(", ")}` : ""}`,
    remedy: "Save the tensors alone: torch.save(model.state_dict(), FILE).",
  });
}

function isTensors(value: unknown): value is ReadonlyMap<string, StoredTensor> {
  return (
    value instanceof Map &&
    value.size > 0 &&
    [...value].every(([key, each]) => typeof key === "string" && each instanceof StoredTensor)
  );
}
