/** @file Ids typed in a terminal. An empty one is a typing mistake, not a bug. */
import { AtelierError } from '../contract/errors/errors.ts';
import { RunId } from '../contract/model/primitives.ts';

/** @throws AtelierError BAD_INPUT for an empty id */
export function typedRunId(text: string | undefined): RunId {
  const id = RunId.safeParse(text?.trim());
  if (id.success) return id.data;
  throw emptyId('run', '`atelier runs` lists the ids.');
}

/** Any other id, trimmed. @throws AtelierError BAD_INPUT for an empty one */
export function typedId(text: string | undefined, what: string): string {
  const id = text?.trim() ?? '';
  if (id !== '') return id;
  throw emptyId(what, 'Give the id as the lists show it.');
}

function emptyId(kind: string, remedy: string): AtelierError {
  return new AtelierError('BAD_INPUT', `The id of the ${kind} is empty.`, { place: { field: `${kind}Id` }, remedy });
}
