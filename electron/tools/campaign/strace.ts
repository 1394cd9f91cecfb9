/** @file strace: records the calls of a program to the system, makes them fail or delays them. */
import { execFileSync } from 'node:child_process';

export function hasStrace(): boolean {
  try {
    execFileSync('strace', ['-qq', '-o', '/dev/null', 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/**
 * The command in front of a program that tampers with its calls and those of its children.
 * @param calls names, separated by commas
 * @param how as strace's `inject` takes it: `error=EIO:when=3`, `delay_enter=MICROSECONDS`
 */
export function failingCalls(calls: string, how: string): string[] {
  const options = ['-f', '-qq', '-o', '/dev/null', '--seccomp-bpf'];
  return ['strace', ...options, '-e', `trace=${calls}`, '-e', `inject=${calls}:${how}`];
}
