import { EventEmitter } from 'node:events';
import type { App, Session } from 'electron';
import { describe, expect, it } from 'vitest';
import { hardenContents, hardenSession, mayOpenInBrowser } from './hardening.ts';

function recorder() {
  const blocked: string[] = [];
  const opened: string[] = [];
  return {
    blocked,
    opened,
    options: {
      allowDevtools: false,
      onBlocked: (what: string, url: string) => blocked.push(`${what} ${url}`),
      openInBrowser: (url: string) => opened.push(url),
    },
  };
}

/** Keeps the handlers that Electron's session would call. */
class FakeSession extends EventEmitter {
  handlers: Record<string, (...given: unknown[]) => unknown> = {};
  webRequest = { onBeforeRequest: this.#keep('request') };
  setPermissionRequestHandler = this.#keep('permission');
  setPermissionCheckHandler = this.#keep('check');
  setDevicePermissionHandler = this.#keep('device');

  #keep(name: string) {
    return (handler: (...given: unknown[]) => unknown) => (this.handlers[name] = handler);
  }

  request(url: string): boolean {
    let cancel = false;
    this.handlers['request']?.({ url }, (value: { cancel: boolean }) => (cancel = value.cancel));
    return cancel;
  }
}

describe('the session', () => {
  it('cancels whatever would leave the machine', () => {
    const session = new FakeSession();
    const { options, blocked } = recorder();
    hardenSession(session as unknown as Session, options);
    expect(session.request('https://example.org/pixel.gif')).toBe(true);
    expect(session.request('http://127.0.0.1:9/')).toBe(true);
    expect(session.request('studio://app/index.html')).toBe(false);
    expect(session.request('media://a/b')).toBe(false);
    expect(blocked).toHaveLength(2);
  });

  it('grants no permission and no device', () => {
    const session = new FakeSession();
    hardenSession(session as unknown as Session, recorder().options);
    const answers: unknown[] = [];
    session.handlers['permission']?.(null, 'media', (answer: unknown) => answers.push(answer));
    expect(answers).toEqual([false]);
    expect(session.handlers['check']?.()).toBe(false);
    expect(session.handlers['device']?.()).toBe(false);
  });
});

describe('a page', () => {
  function page() {
    const app = new EventEmitter();
    const record = recorder();
    hardenContents(app as unknown as App, record.options);
    let open: (details: { url: string }) => unknown = () => null;
    const contents = Object.assign(new EventEmitter(), {
      setWindowOpenHandler: (handler: typeof open) => (open = handler),
    });
    app.emit('web-contents-created', {}, contents);
    const stopped = (event: string, details: object) => {
      let prevented = false;
      contents.emit(event, { ...details, preventDefault: () => (prevented = true) });
      return prevented;
    };
    return { ...record, stopped, open: (url: string) => open({ url }) };
  }

  it('stays where it is', () => {
    const { stopped } = page();
    expect(stopped('will-navigate', { url: 'https://example.org/' })).toBe(true);
    expect(stopped('will-navigate', { url: 'studio://app/#/runs' })).toBe(false);
    expect(stopped('will-frame-navigate', { url: 'studio://app/', isMainFrame: false })).toBe(true);
    expect(stopped('will-attach-webview', {})).toBe(true);
  });

  it('opens no window; a few known places go to the own browser', () => {
    const { open, opened } = page();
    expect(open('https://example.org/')).toEqual({ action: 'deny' });
    expect(open('https://spdx.org/licenses/CC-BY-4.0.html')).toEqual({ action: 'deny' });
    expect(opened).toEqual(['https://spdx.org/licenses/CC-BY-4.0.html']);
  });

  it.each(['http://spdx.org/', 'https://spdx.org.example.org/', 'https://user@spdx.org/', 'file:///etc/passwd', 'x'])(
    'does not hand %j to the browser',
    (url) => expect(mayOpenInBrowser(url)).toBe(false),
  );
});
