/** The memory ruler: how far back a cell remembers. */
export {
  type CellMemory,
  type DistanceScore,
  type MemoryOptions,
  type MemoryProgress,
  measureMemory,
  type TaskReach,
} from "./ruler.js";
export {
  type Draw,
  type MemoryTask,
  type MemoryTaskName,
  memoryExamples,
  memoryTaskNames,
  memoryTasks,
} from "./tasks.js";
