/** @file Reports the end of a run by a notification, if nobody looks at the page. */
import type { RunId } from '../../../electron/contract/api/index.ts';
import type { StudioClient } from '../api/client.ts';
import { notices } from '../features/run/notices.svelte.ts';
import { messages } from '../messages/index.ts';
import { router } from '../navigation/router.svelte.ts';
import { formatCount } from '../ui/format.ts';

/** Never throws: a studio that is gone, or a run that goes on in another process, has nothing to report. */
export async function reportEnd(client: StudioClient, runId: RunId): Promise<void> {
  if (document.visibilityState === 'visible' && document.hasFocus()) return;
  const found = await client.runs.get({ runId }).catch(() => null);
  if (found === null) return;
  const { name, status, steps, reason } = found.summary;
  const text = messages.run.notice;
  if (status !== 'completed' && status !== 'failed' && status !== 'interrupted') return;
  const body = status === 'completed' ? text.steps(formatCount(steps)) : (reason ?? text.why);
  notices.show(text[status](name), body, () => router.go(['runs', runId]));
}
