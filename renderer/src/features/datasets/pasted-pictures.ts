/** @file Pictures from the clipboard, on their way into an import. */
import { LARGEST_UPLOAD_BYTES, type KeptPicture, type PastedPicture } from '../../../../electron/contract/api/index.ts';
import { base64Of } from '../../api/base64.ts';
import { messages } from '../../messages/index.ts';

export type PasteCall = (picture: PastedPicture) => Promise<KeptPicture>;

/** What the clipboard offers to the import; empty if it holds no picture and no file. */
export function pastedFiles(data: DataTransfer | null): File[] {
  return [...(data?.files ?? [])];
}

/**
 * The path to import: of a copied folder or table itself, otherwise of the folder in which the pictures were kept.
 * @param folder a folder of pasted pictures to add to
 * @throws if a picture is too large or cannot be read; those before it are kept
 */
export async function keepPictures(
  files: readonly File[],
  paste: PasteCall,
  folder?: string,
): Promise<{ path: string; folder?: string }> {
  const [first] = files;
  const copied = first === undefined ? '' : (window.studio?.pathForFile?.(first) ?? '');
  if (copied !== '' && first?.type.startsWith('image/') !== true) return { path: copied };
  let kept: KeptPicture | undefined;
  for (const file of files) {
    if (file.size > LARGEST_UPLOAD_BYTES) throw new Error(messages.import.pasteTooLarge(file.name));
    const into = kept?.folder ?? folder;
    kept = await paste({ base64: await base64Of(file), ...(into === undefined ? {} : { folder: into }) });
  }
  return { path: kept?.folderPath ?? '', ...(kept === undefined ? {} : { folder: kept.folder }) };
}
