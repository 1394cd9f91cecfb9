/**
 * @file Asks in a process of its own which GPU WebGPU offers. A driver that crashes or hangs ends that process and nothing
 * else, and the engine learns in a sentence why there is no GPU.
 */
import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { cleanEnvironment } from '../../../processes/node-child.ts';
import { PROBE_SOURCE } from './probe-program.ts';

/** A driver needs a second or two when it is loaded for the first time. */
const PROBE_MS = 20_000;

/** Chooses among several adapters: a part of the name, in any case. */
export const GPU_VARIABLE = 'ATELIER_GPU';

const Told = z.object({
  /** Every adapter of the machine. */
  names: z.array(z.string()),
  /** The one that was asked for, as the system calls it; null = the system's choice. */
  name: z.string().nullable(),
  adapter: z
    .object({
      vendor: z.string(),
      architecture: z.string(),
      device: z.string(),
      description: z.string(),
      software: z.boolean(),
      maxBufferSize: z.number(),
      maxStorageBufferBindingSize: z.number(),
      maxStorageBuffersPerShaderStage: z.number(),
      maxComputeInvocationsPerWorkgroup: z.number(),
      maxComputeWorkgroupStorageSize: z.number(),
    })
    .nullable(),
});

export type FoundAdapter = NonNullable<z.infer<typeof Told>['adapter']>;

export interface Probed {
  names: readonly string[];
  /** For `openGpu`. */
  name: string | null;
  adapter: FoundAdapter | null;
  /** Why no GPU can be used, as a sentence, and what to do about it; null if one can. */
  refusal: { sentence: string; remedy: string } | null;
}

export interface ProbeOptions {
  env?: NodeJS.ProcessEnv;
  timeoutMs?: number;
  /** What the process runs. */
  source?: string;
}

/** Address of the package that brings WebGPU to Node; null if it is not installed. */
export function webGpuPackage(): string | null {
  try {
    return pathToFileURL(createRequire(import.meta.url).resolve('webgpu')).href;
  } catch {
    return null;
  }
}

/** What a person calls the adapter: the system's name for it. WebGPU itself tells it in lower case with hyphens. */
export function adapterName({ adapter, names }: Pick<Probed, 'names' | 'adapter'>): string {
  if (adapter === null) return '';
  const plain = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]+/g, '-');
  const [only, ...others] = names;
  const same = names.find((name) => plain(name) === plain(adapter.device));
  return same ?? (only !== undefined && others.length === 0 ? only : adapter.description || adapter.device);
}

/** Never throws. */
export async function probeGpu({
  env = process.env,
  timeoutMs = PROBE_MS,
  source = PROBE_SOURCE,
}: ProbeOptions = {}): Promise<Probed> {
  const nothing = { names: [], name: null, adapter: null };
  const address = webGpuPackage();
  if (address === null) {
    const sentence = 'The package `webgpu` is not installed.';
    return { ...nothing, refusal: { sentence, remedy: 'Run `npm run setup`; it installs the packages again.' } };
  }
  const wanted = env[GPU_VARIABLE]?.trim() ?? '';
  const answer = await answerOf(source, [address, wanted], env, timeoutMs);
  if (typeof answer !== 'string') return { ...nothing, refusal: answer };
  const told = Told.safeParse(parsed(answer));
  if (!told.success) {
    const sentence = 'The graphics driver gave an answer that makes no sense.';
    return { ...nothing, refusal: { sentence, remedy: UPDATE } };
  }
  return { ...told.data, refusal: refusalOf(told.data, wanted) };
}

const UPDATE = 'Update the graphics driver. Until then, Atelier computes on the processor.';

type Refusal = NonNullable<Probed['refusal']>;

function answerOf(
  source: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  timeoutMs: number,
): Promise<string | Refusal> {
  return new Promise((resolve) => {
    const options = {
      env: cleanEnvironment(env),
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
      encoding: 'utf8',
      windowsHide: true,
    } as const;
    execFile(process.execPath, ['--input-type=module', '--eval', source, '--', ...args], options, (error, stdout) => {
      if (error === null) {
        resolve(stdout);
      } else if (error.killed === true) {
        const sentence = `The graphics driver did not answer within ${String(timeoutMs / 1000)} seconds.`;
        resolve({ sentence, remedy: UPDATE });
      } else {
        const how = error.signal ?? `exit status ${String(error.code)}`;
        resolve({ sentence: `The graphics driver ended the process that asked it (${how}).`, remedy: UPDATE });
      }
    });
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** What the kernels need: eight buffers at once, workgroups of 256, tiles of 16 KiB. */
const NEEDED = {
  maxStorageBufferBindingSize: 128 * 1024 ** 2,
  maxStorageBuffersPerShaderStage: 8,
  maxComputeInvocationsPerWorkgroup: 256,
  maxComputeWorkgroupStorageSize: 16_384,
} as const;

function refusalOf({ adapter, names }: z.infer<typeof Told>, wanted: string): Refusal | null {
  if (adapter === null && wanted !== '' && names.length > 0) {
    const sentence = `No GPU has "${wanted}" in its name; this machine has ${names.join(', ')}.`;
    return { sentence, remedy: `Set ${GPU_VARIABLE} to a part of such a name, or leave it out.` };
  }
  if (adapter === null) {
    const sentence = 'WebGPU found no GPU.';
    return {
      sentence,
      remedy:
        process.platform === 'linux'
          ? "Install the card's Vulkan driver (on Debian: mesa-vulkan-drivers, libvulkan1). A remote session may see no GPU."
          : 'Update the graphics driver. A remote session may see no GPU.',
    };
  }
  for (const [limit, least] of Object.entries(NEEDED) as [keyof typeof NEEDED, number][]) {
    if (adapter[limit] >= least) continue;
    const sentence = `The limit ${limit} of ${adapterName({ adapter, names })} is ${String(adapter[limit])}; Atelier needs ${String(least)}.`;
    return { sentence, remedy: UPDATE };
  }
  return null;
}

let probed: Promise<Probed> | undefined;

/** What the machine offers, asked once per process. */
export function machineGpu(): Promise<Probed> {
  probed ??= probeGpu();
  return probed;
}
