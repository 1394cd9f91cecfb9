/** @file For tests: a small server that answers as the dashboard of a Ray cluster does. It runs nothing. */
import { createServer, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

interface Answer {
  status: number;
  text: string;
}

export interface FakeRay {
  address: string;
  /** What the cluster was asked. */
  asked: { method: string; path: string; headers: IncomingHttpHeaders }[];
  /** What it answers instead of its own. */
  instead: (method: string, path: string) => Answer | undefined;
  /** What was uploaded. */
  zip: Buffer | undefined;
  submitted: { entrypoint: string; submission_id: string }[];
  /** The results in the cluster's storage, by name. */
  stored: Map<string, Buffer>;
  /** What the job's status is at each look; the last one stays. */
  statuses: string[];
  close: () => Promise<void>;
}

export async function startFakeRay(): Promise<FakeRay> {
  const ray: FakeRay = {
    address: '',
    asked: [],
    instead: () => undefined,
    zip: undefined,
    submitted: [],
    stored: new Map(),
    statuses: ['PENDING', 'RUNNING', 'SUCCEEDED'],
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  const server = createServer((request, response) => {
    void answer(ray, request).then(({ status, text }) => {
      response.statusCode = status;
      response.end(text);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ray.address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return ray;
}

async function answer(ray: FakeRay, request: IncomingMessage): Promise<Answer> {
  const { method = '', url = '', headers } = request;
  const body = await buffer(request);
  ray.asked.push({ method, path: url, headers });
  const other = ray.instead(method, url);
  if (other !== undefined) return other;
  const json = (value: unknown) => ({ status: 200, text: JSON.stringify(value) });
  if (url === '/api/version') return json({ ray_version: '2.60.0' });
  if (url.startsWith('/api/packages/')) {
    if (method === 'PUT') ray.zip = body;
    return { status: method === 'PUT' || ray.zip !== undefined ? 200 : 404, text: '' };
  }
  if (url === '/api/jobs/' && method === 'GET')
    return json(ray.submitted.map(({ submission_id }) => ({ submission_id, status: 'SUCCEEDED' })));
  if (url === '/api/jobs/') {
    ray.submitted.push(JSON.parse(body.toString('utf8')) as FakeRay['submitted'][0]);
    return json({ submission_id: ray.submitted.at(-1)?.submission_id });
  }
  const [, id = '', part] = /^\/api\/jobs\/([^/]+)(?:\/(\w+))?$/.exec(url) ?? [];
  const isFetch = id.includes('-fetch-');
  if (part === 'logs') return json({ logs: isFetch ? fetched(ray, id) : 'Running …\n' });
  if (isFetch) return json({ status: 'SUCCEEDED' });
  const [status] = ray.statuses.length > 1 ? ray.statuses.splice(0, 1) : ray.statuses;
  return json({ status, message: 'so it is' });
}

/** As `launch/fetch.py` prints it. */
function fetched({ submitted, stored }: FakeRay, id: string): string {
  const { entrypoint = '' } = submitted.find(({ submission_id: own }) => own === id) ?? {};
  const have = JSON.parse(/--have '(.*)'$/.exec(entrypoint)?.[1] ?? '{}') as Record<string, number>;
  const lines = [...stored].flatMap(([name, data]) => {
    const at = name.endsWith('.jsonl') ? (have[name] ?? 0) : 0;
    if (at === data.length) return [];
    return [{ name, at, size: data.length, data: data.subarray(at).toString('base64') }];
  });
  return [...lines, { more: false }].map((each) => `ATELIER-FILE ${JSON.stringify(each)}\n`).join('');
}
