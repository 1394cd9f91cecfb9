/** @file Files as pictures of a question: dropped, pasted, chosen or taken with the camera. */
import type { UploadedPicture } from '../../../../electron/contract/api/index.ts';
import { base64Of } from '../../api/base64.ts';
import { messages } from '../../messages/index.ts';
import { refusalOf, type Picture } from './playground.svelte.ts';

export type KeepCall = (picture: UploadedPicture) => Promise<{ sha256: string; name: string }>;

/** Keeps a picture for its question. @returns why it is refused, or the picture */
export async function pictureOf(file: File, keep: KeepCall): Promise<{ refused: string } | { picture: Picture }> {
  const name = file.name === '' ? messages.playground.pasted : file.name.slice(-255);
  const reason = refusalOf(file);
  if (reason !== undefined) return { refused: messages.playground.refused[reason](name) };
  const kept = await keep({ name, base64: await base64Of(file) });
  return { picture: { kind: 'kept', ...kept } };
}
