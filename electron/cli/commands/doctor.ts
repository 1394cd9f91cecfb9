/** @file `atelier doctor`: what was found, what is missing and what to do. It needs no store. */
import { join } from 'node:path';
import { BoundedLog } from '../../studio/engine-client/bounded-log.ts';
import { createEngineClient } from '../../studio/engine-client/engine-client.ts';
import { createGpuChoice } from '../../studio/engine-client/gpu-choice.ts';
import { readPreferences } from '../../studio/system/preferences.ts';
import { examine } from '../../studio/system/doctor.ts';
import type { Command } from '../command.ts';

const MARKS = { ok: '✓', unused: '–', degraded: '!', missing: '✗' } as const;

export const doctorCommand: Command = {
  usage: 'doctor',
  summary: 'Say what this machine offers, what is missing and what to do',
  options: [],
  run: async ({ output, home, spawnEngine, pictures }) => {
    const log = new BoundedLog(join(home, 'logs', 'engine.log'));
    const gpu = createGpuChoice({
      home,
      setting: async () => (await readPreferences(home)).gpu,
      openEngine: (env) => createEngineClient({ spawn: spawnEngine, log, env }),
    });
    const engine = createEngineClient({ spawn: spawnEngine, log, gpu });
    try {
      const findings = await examine({ home, engineInfo: () => engine.info(), pictures });
      output.result(findings, () =>
        findings
          .map(
            ({ name, status, value, remedy }) =>
              `${MARKS[status]} ${name}: ${value}${remedy === null ? '' : `\n    ${remedy}`}`,
          )
          .join('\n'),
      );
      return 0;
    } finally {
      await engine.close();
    }
  },
};
