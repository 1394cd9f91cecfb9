/** @file Entry of the engine's own process. TensorFlow is loaded at the first call that needs it. */
import { yieldToTheStudio } from './priority.ts';
import { serveEngine } from './process-link.ts';
import { createEngineService } from './service.ts';

yieldToTheStudio();
serveEngine(createEngineService());
