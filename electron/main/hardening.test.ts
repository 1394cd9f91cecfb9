import { EventEmitter } from 'node:events';
import type { App, Session } from 'electron';
import { describe, expect, it } from 'vitest';
import { CameraGate } from './camera-gate.ts';
import { hardenContents, hardenSession, mayOpenInBrowser } from './hardening.ts';

function recorder() {
  const blocked: string[] = [];
  const opened: string[] = [];
  let timeMs = 0;
  const camera = new CameraGate(() => timeMs);
  return {
    blocked,
    opened,
    camera,
    later: (ms: number) => (timeMs += ms),
    options: {
      camera,
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
  spelling = true;
  languages = ['en-US'];
  setSpellCheckerEnabled = (enabled: boolean) => (this.spelling = enabled);
  setSpellCheckerLanguages = (languages: string[]) => (this.languages = languages);
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

  function permissions() {
    const session = new FakeSession();
    const record = recorder();
    hardenSession(session as unknown as Session, record.options);
    const asked = (permission: string, requestingUrl: string, isMainFrame = true, more: object = {}) => {
      let granted: unknown;
      const answer = (value: unknown): unknown => (granted = value);
      session.handlers['permission']?.(null, permission, answer, { requestingUrl, isMainFrame, ...more });
      return granted;
    };
    const checked = (permission: string, origin: string, more: object = {}) =>
      session.handlers['check']?.(null, permission, origin, more);
    return { ...record, session, asked, checked };
  }

  it.each(['media', 'clipboard-read', 'notifications', 'geolocation', 'fileSystem', 'openExternal', 'usb', 'unknown'])(
    'grants nobody: %s',
    (permission) => {
      const { asked, checked, session, blocked } = permissions();
      expect([asked(permission, 'studio://app/'), checked(permission, 'studio://app/')]).toEqual([false, false]);
      expect(session.handlers['device']?.()).toBe(false);
      expect(blocked).toEqual([`permission ${permission}`]);
    },
  );

  it('lets the copy buttons of our own page write, and nothing else', () => {
    const { asked, checked } = permissions();
    const write = 'clipboard-sanitized-write';
    expect([asked(write, 'studio://app/#/ledger'), checked(write, 'studio://app')]).toEqual([true, true]);
    expect([asked(write, 'https://example.org/'), checked(write, 'https://example.org')]).toEqual([false, false]);
    expect(asked(write, 'studio://app/', false)).toBe(false);
  });

  it('gives the camera once after a person asked for it, for a moment, to our page alone, and never the microphone', () => {
    const { asked, checked, camera, later } = permissions();
    const [video, sound] = [{ mediaTypes: ['video'] }, { mediaTypes: ['video', 'audio'] }];
    const see = (url = 'studio://app/', main = true, what: object = video) => asked('media', url, main, what);
    expect([see(), checked('media', 'studio://app', { mediaType: 'video' })]).toEqual([false, false]);

    camera.open();
    expect(checked('media', 'studio://app', { mediaType: 'video' })).toBe(true);
    expect(checked('media', 'studio://app', { mediaType: 'audio' })).toBe(false);
    expect(checked('media', 'https://example.org', { mediaType: 'video' })).toBe(false);
    expect([see('https://example.org/'), see(undefined, undefined, sound)]).toEqual([false, false]);
    expect([see(), see()]).toEqual([true, false]);

    camera.open();
    expect(see('studio://app/', false)).toBe(false);
    camera.open();
    later(31_000);
    expect([see(), checked('media', 'studio://app', { mediaType: 'video' })]).toEqual([false, false]);
  });

  it('checks no spelling, for which it would fetch dictionaries', () => {
    const session = new FakeSession();
    hardenSession(session as unknown as Session, recorder().options);
    expect(session.spelling).toBe(false);
    expect(session.languages).toEqual([]);
  });

  it('saves what the page has made, and downloads nothing', () => {
    const session = new FakeSession();
    hardenSession(session as unknown as Session, recorder().options);
    const stopped = (url: string) => {
      let prevented = false;
      session.emit('will-download', { preventDefault: () => (prevented = true) }, { getURL: () => url });
      return prevented;
    };
    expect(stopped('blob:studio://app/3f0c')).toBe(false);
    for (const url of [
      'https://example.org/x.exe',
      'blob:https://example.org/3f0c',
      'file:///etc/passwd',
      'media://a/b',
    ])
      expect(stopped(url), url).toBe(true);
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
    expect(stopped('will-redirect', { url: 'studio://app/' })).toBe(true);
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
