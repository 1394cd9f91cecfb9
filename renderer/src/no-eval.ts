/**
 * @file The content security policy forbids code made from text, which zod would otherwise try as soon as a
 * schema is made. Imported before everything else, since imports run before the statements of a module.
 */
import { z } from 'zod';

z.config({ jitless: true });
