/**
 * @file The content security policy forbids code generated from text, which zod would otherwise try as soon as a
 * schema is created. Import this first, since imports run before a module's statements.
 */
import { z } from 'zod';

z.config({ jitless: true });
