/** @file For procedures whose schemas came first. */
import { AtelierError } from '../../contract/errors.ts';

export function later(what: string): never {
  throw new AtelierError('CONFLICT', `${what} cannot be used in this version yet.`);
}
