/** @file Entry of the engine's own process. TensorFlow is loaded at the first call that needs it. */
import { serveEngine } from './process-link.ts';
import { createEngineService } from './service.ts';

serveEngine(createEngineService());
