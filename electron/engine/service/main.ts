/** @file Entry of the engine's own process. TensorFlow is loaded at the first call that needs it. */
import { writeSync } from 'node:fs';
import { GPU_LOST_STATUS } from '../../contract/engine/exit-status.ts';
import { whenGpuLost } from '../runtime/webgpu/watch.ts';
import { yieldToTheStudio } from './priority.ts';
import { serveEngine } from './process-link.ts';
import { createEngineService } from './service.ts';

yieldToTheStudio();
// What is on the GPU is gone. The studio starts another engine, which goes on from the run's last checkpoint.
whenGpuLost((sentence) => {
  // A pipe that is written to later would be closed by then.
  writeSync(process.stderr.fd, `${sentence}\n`);
  process.exit(GPU_LOST_STATUS);
});
serveEngine(createEngineService());
