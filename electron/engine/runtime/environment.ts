/** @file Settings of the environment that take one of a few words. Any other word is refused: ignored, it would leave you with what you did not ask for. */
import { GPU_USE_VARIABLE } from '../../contract/engine/gpu-use.ts';
import { THREADS_VARIABLE } from '../../contract/engine/threads.ts';
import { AtelierError } from '../../contract/errors/errors.ts';

/** Each variable's words. Absent or empty = not set. */
const WORDS = {
  /** What to compute on; not set = what is fastest here. */
  ATELIER_BACKEND: ['webgpu', 'wasm', 'processor'],
  /** How programs run on a GPU; not set = compiled. */
  ATELIER_GPU_PROGRAMS: ['compiled', 'op-by-op'],
  /** Whether the ops of our own are used; not set = where they can be had. */
  ATELIER_OWN_OPS: ['on', 'off'],
  /** Where frozen weights lie that are kept in bfloat16 or in 4 bits; not set = in memory. */
  ATELIER_WEIGHTS: ['memory', 'disk'],
  /** As `EngineGpuUse`; not set = only where TensorFlow cannot be loaded. */
  [GPU_USE_VARIABLE]: ['always', 'measured', 'never'],
  /** As `ThreadUse`; not set = as the studio says. */
  [THREADS_VARIABLE]: ['lanes', 'products'],
} as const;

type Variable = keyof typeof WORDS;

/** @throws AtelierError ENGINE_UNAVAILABLE for a word that the variable does not take */
export function environmentWord<V extends Variable>(
  variable: V,
  env: NodeJS.ProcessEnv = process.env,
): (typeof WORDS)[V][number] | undefined {
  const set = env[variable] ?? '';
  const words: readonly (typeof WORDS)[V][number][] = WORDS[variable];
  const word = words.find((each) => each === set);
  if (word !== undefined || set === '') return word;
  throw new AtelierError('ENGINE_UNAVAILABLE', `${variable} must be one of ${words.join(', ')}, not "${set}".`, {
    place: { field: variable },
    remedy: `Set ${variable} to one of these, or leave it out.`,
  });
}

/**
 * Refuses a wrong word even in a variable that is not needed here.
 * @throws AtelierError ENGINE_UNAVAILABLE
 */
export function checkEnvironment(env: NodeJS.ProcessEnv = process.env): void {
  for (const variable of Object.keys(WORDS) as Variable[]) environmentWord(variable, env);
}
