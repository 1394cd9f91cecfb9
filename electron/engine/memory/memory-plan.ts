/**
 * @file Estimates how much memory a run will need, and chooses a workload that fits. The figures come from the graphs
 * that will run (runtime/graph-memory.ts), not from a formula of their own.
 */
import type { AvailableMemory } from '../runtime/available-memory.ts';
import type { MemoryComponent, MemoryPlan } from '../../contract/engine/memory.ts';
import { policyProgram, type PolicyOptions } from '../policy/policy.ts';
import type { Runtime } from '../runtime/backend.ts';
import { AtelierError } from '../../contract/errors/errors.ts';
import { programMemory, type ProgramMemory } from '../runtime/compiled-program.ts';
import type { ProgramSpec, VariableRole } from '../runtime/program.ts';
import { needsOfGpu } from '../runtime/gpu-needs.ts';
import type { MemoryOption } from '../trainer/training-policy.ts';

/**
 * Results that are not freed yet, copies that kernels make, and memory that the allocator keeps, as a share of the
 * intermediate results. Measured with `npm run bench`, which shows each prediction next to the peak.
 */
const ALLOCATOR_SHARE = 0.15;

/**
 * The same where work is done in blocks. The buffers that blocks fill are long-lived and all of one size, and the allocator
 * divides no piece of memory that is less than twice as large as what is asked for.
 */
const BLOCKS_SHARE = 0.5;

/** What TensorFlow keeps for each node of a graph: definitions, kernels, and a copy for every kind of call. Measured in the same way. */
const BYTES_PER_NODE = 22_000;
/** The same for graphs that a run may add: it adds few at a time, and a step computes with one of them. */
const BYTES_PER_LATER_NODE = 7_000;

/** Sizes of micro-batches: the whole batch, then half of the previous size. */
export function microBatchSizes(promptsPerStep: number): number[] {
  const halves: number[] = [];
  for (let size = promptsPerStep; size > 1; size = Math.ceil(size / 2)) halves.push(size);
  return [...halves, 1];
}

/** Workloads that need no more memory than `largest`, fastest first: smaller and smaller micro-batches, then the same by layer. */
export function workloads(promptsPerStep: number, largest: MemoryOption): MemoryOption[] {
  const sizes = [...new Set([...microBatchSizes(promptsPerStep), Math.min(largest.microBatchPrompts, promptsPerStep)])];
  sizes.sort((a, b) => b - a);
  const all = [false, true].flatMap((byLayer) => sizes.map((microBatchPrompts) => ({ microBatchPrompts, byLayer })));
  return all.filter(
    ({ microBatchPrompts, byLayer }) =>
      (byLayer || !largest.byLayer) && (byLayer !== largest.byLayer || microBatchPrompts <= largest.microBatchPrompts),
  );
}

export interface PlanRequest {
  /** The policy with a given workload. */
  optionsFor: (workload: MemoryOption) => PolicyOptions;
  candidates: readonly MemoryOption[];
  /** Bytes of all samples' image features. */
  imageBytes: number;
  /** Bytes of the pixels that are in memory while pictures are encoded. */
  pixelBytes: number;
  /** Bytes of pixels that stay in memory through a whole step; absent = none, because only features are needed. */
  heldBytes?: number;
  /** Bytes that the engine may take in all; absent = what the machine can give. */
  limitBytes?: number | undefined;
}

/** The plan with the first candidate that fits, or with the smallest one and `fits: false`. */
export function planMemory(request: PlanRequest, runtime: Runtime, machine: AvailableMemory): MemoryPlan {
  const limitBytes = request.limitBytes ?? machine.limitBytes;
  let last: MemoryPlan | null = null;
  let tooLarge: AtelierError | null = null;
  for (const workload of request.candidates) {
    const { spec, precision, rounded } = policyProgram(request.optionsFor(workload), runtime);
    const memory = memoryOf(runtime, spec);
    if (memory instanceof AtelierError) {
      tooLarge = memory;
      continue;
    }
    const parts = componentsOf(memory, machine.residentBytes, request);
    const predictedBytes = parts.reduce((sum, { bytes }) => sum + bytes, 0);
    last = {
      parts,
      predictedBytes,
      limitBytes,
      fits: predictedBytes <= limitBytes,
      calls: memory.calls,
      ...workload,
      precision: rounded?.dtype === 'nf4' ? 'nf4' : precision,
    };
    if (last.fits) return last;
  }
  if (tooLarge !== null && last === null) throw tooLarge;
  if (last === null) throw new Error('There are no workloads to choose from.');
  return last;
}

/** What is planned for: compiled programs, and those on a GPU. */
export function canPlan({ native, gpu }: Pick<Runtime, 'native' | 'gpu'>): boolean {
  return native !== null || gpu !== null;
}

type NeededMemory = ProgramMemory & {
  /** The whole of intermediate results, if they do not make way for each other. */
  workBytes: number | null;
};

/** @returns why not, if the GPU cannot compute on the largest tensor */
function memoryOf({ native, gpu }: Runtime, spec: ProgramSpec): NeededMemory | AtelierError {
  if (native !== null) return { ...programMemory(native, spec), workBytes: null };
  if (gpu === null) throw new Error('Memory can only be planned for compiled programs and for a GPU.');
  try {
    const { variables, calls } = needsOfGpu(gpu, spec);
    const workBytes = Object.values(calls).reduce((sum, each) => sum + each, 0);
    return { variables, calls, looped: [], largestWeight: 0, nodes: 0, laterNodes: 0, workBytes };
  } catch (error) {
    if (error instanceof AtelierError) return error;
    throw error;
  }
}

function componentsOf(
  memory: NeededMemory,
  residentBytes: number,
  { imageBytes, pixelBytes, heldBytes = 0 }: Pick<PlanRequest, 'imageBytes' | 'pixelBytes' | 'heldBytes'>,
): MemoryComponent[] {
  const bytes = { weights: 0, optimiser: 0, caches: 0 };
  for (const [role, component] of Object.entries(COMPONENTS) as [VariableRole, keyof typeof bytes][])
    bytes[component] += memory.variables[role] ?? 0;
  const work =
    memory.workBytes ??
    Math.max(
      // A weight is in JavaScript's memory as well until TensorFlow has it.
      memory.largestWeight,
      ...Object.entries(memory.calls).map(
        ([kind, peak]) =>
          peak * (1 + (memory.looped.includes(kind) ? BLOCKS_SHARE : ALLOCATOR_SHARE)) +
          (kind === 'encode' ? pixelBytes : 0),
      ),
    );
  return [
    {
      name: 'program',
      bytes: residentBytes + memory.nodes * BYTES_PER_NODE + memory.laterNodes * BYTES_PER_LATER_NODE,
    },
    { name: 'weights', bytes: bytes.weights },
    { name: 'optimiser', bytes: bytes.optimiser },
    { name: 'caches', bytes: bytes.caches },
    { name: 'images', bytes: imageBytes + heldBytes },
    { name: 'work', bytes: Math.round(work) },
  ];
}

/** The component that each kind of variable counts towards. */
const COMPONENTS: Record<VariableRole, 'weights' | 'optimiser' | 'caches'> = {
  weight: 'weights',
  copy: 'weights',
  adapter: 'optimiser',
  optimiser: 'optimiser',
  gradient: 'optimiser',
  cache: 'caches',
};
