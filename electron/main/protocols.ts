/** @file The two protocols of the desktop app: `studio:` serves the built page, `media:` serves images by id. */
import type { MediaSource } from '../web-host/media.ts';
import { answerMedia } from '../web-host/media.ts';
import { readStaticFile } from '../web-host/static-files.ts';
import { isPage, MEDIA_SCHEME, PAGE_HEADERS } from './page-policy.ts';

/** Must be registered before the app is ready. Both are real origins, with fetch and streams. */
export const SCHEMES = ['studio', MEDIA_SCHEME].map((scheme) => ({
  scheme,
  privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true },
}));

function text(status: number, sentence: string): Response {
  return new Response(`${sentence}\n`, {
    status,
    headers: { ...PAGE_HEADERS, 'Content-Type': 'text/plain; charset=utf-8' },
  });
}

/** Copies the bytes into memory that only the Response owns. */
function bodyOf(buffer: Uint8Array): ArrayBuffer {
  return new Uint8Array(buffer).buffer;
}

/**
 * Answers a request for the page or one of its files.
 * @param rendererDir the built page, `out/renderer`
 */
export async function answerPage(rendererDir: string, request: { url: string; method: string }): Promise<Response> {
  if (request.method !== 'GET' && request.method !== 'HEAD') return text(405, 'Only GET is answered here.');
  if (!isPage(request.url)) return text(404, 'There is nothing here.');
  const file = await readStaticFile(rendererDir, new URL(request.url).pathname);
  if (file === null) return text(404, 'There is nothing here. If this is the first page: run `npm run build`.');
  return new Response(bodyOf(file.body), { headers: { ...PAGE_HEADERS, 'Content-Type': file.mediaType } });
}

/** Answers `media://<dataset id>/<sample id>?size=N`; an address can never supply a path. */
export async function answerImage(source: MediaSource, request: { url: string; method: string }): Promise<Response> {
  if (request.method !== 'GET' && request.method !== 'HEAD') return text(405, 'Only GET is answered here.');
  const url = new URL(request.url);
  const answer = await answerMedia(source, `/${url.host}${url.pathname}`, url.searchParams);
  return new Response(bodyOf(answer.body), {
    status: answer.status,
    headers: { 'X-Content-Type-Options': 'nosniff', ...answer.headers },
  });
}
