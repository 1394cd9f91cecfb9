/** @file Who may talk to the loopback host: one browser, from our own page, at our own address. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** Sent with every response. The page loads nothing from elsewhere, and no other site may frame it. */
export function securityHeaders(origin: string): Record<string, string> {
  const socketOrigin = origin.replace(/^http/, 'ws');
  return {
    'Content-Security-Policy': [
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self' 'unsafe-inline'",
      "img-src 'self' blob: data:",
      "font-src 'self'",
      `connect-src 'self' ${socketOrigin}`,
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ].join('; '),
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Cross-Origin-Opener-Policy': 'same-origin',
  };
}

/** The protocol of the socket. A caller offers it first and the key second; the host accepts the first. */
export const SOCKET_PROTOCOL = 'atelier';

export type Verdict = { allowed: true } | { allowed: false; reason: string };

/**
 * The single-use token in the address that `atelier serve` prints, and the secrets that the browser then keeps: a
 * cookie, which scripts cannot read but which goes to every port of 127.0.0.1, and two keys, which the page keeps in the
 * storage of its origin and which go nowhere else: one for the socket, and one that is part of the addresses of images.
 */
export class Gate {
  readonly token = randomBytes(32).toString('base64url');
  readonly #secret = randomBytes(32).toString('base64url');
  readonly #key = randomBytes(32).toString('base64url');
  readonly #mediaKey = randomBytes(32).toString('base64url');
  readonly #authority: string;
  #tokenSpent = false;

  /** @param authority `127.0.0.1:PORT`, the only accepted Host */
  constructor(authority: string) {
    this.#authority = authority;
  }

  get origin(): string {
    return `http://${this.#authority}`;
  }

  /** Exchanges the token for a cookie and the keys, once. Null if the token is wrong or already used. */
  redeem(token: string | null): { cookie: string; key: string; mediaKey: string } | null {
    if (this.#tokenSpent || token === null || !equal(token, this.token)) return null;
    this.#tokenSpent = true;
    return {
      cookie: `${this.#cookieName}=${this.#secret}; HttpOnly; SameSite=Strict; Path=/`,
      key: this.#key,
      mediaKey: this.#mediaKey,
    };
  }

  /** Guards against DNS rebinding and pages of other origins: Host must be ours, and so must Origin if present. */
  checkAddress(request: IncomingMessage, options: { originRequired: boolean }): Verdict {
    if (request.headers.host !== this.#authority) return refuse(`Host must be ${this.#authority}.`);
    const origin = request.headers.origin;
    if (origin === undefined ? options.originRequired : origin !== this.origin) {
      return refuse(`Origin must be ${this.origin}.`);
    }
    return { allowed: true };
  }

  /** Checks for the browser that redeemed the token, making a request from our own page or its address bar. */
  checkCaller(request: IncomingMessage): Verdict {
    const site = request.headers['sec-fetch-site'];
    if (site !== undefined && site !== 'same-origin' && site !== 'none') {
      return refuse('This address answers only its own page.');
    }
    const cookie = cookies(request).get(this.#cookieName);
    if (cookie === undefined || !equal(cookie, this.#secret)) {
      return refuse(
        'Open Atelier with the address that `atelier serve` printed; it is good once. Start `atelier serve` again for a new one.',
      );
    }
    return { allowed: true };
  }

  /** Whether an image's address carries its key: an image element can send nothing else that other ports do not get. */
  isMediaKey(offered: string): boolean {
    return equal(offered, this.#mediaKey);
  }

  /** As `checkCaller`, and the socket must bring the key: a browser's script can add only protocols to its request. */
  checkSocket(request: IncomingMessage): Verdict {
    const caller = this.checkCaller(request);
    if (!caller.allowed) return caller;
    const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
    if (offered[0] === SOCKET_PROTOCOL && offered[1] !== undefined && equal(offered[1], this.#key)) return caller;
    return refuse('The socket brings no key.');
  }

  /** Cookies ignore ports, so the name includes it: two hosts on one machine do not log each other out. */
  get #cookieName(): string {
    return `atelier-${this.#authority.split(':')[1] ?? ''}`;
  }
}

function refuse(reason: string): Verdict {
  return { allowed: false, reason };
}

/** Compares digests, so that timing reveals neither length nor content. */
function equal(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}

function cookies(request: IncomingMessage): Map<string, string> {
  const pairs = (request.headers.cookie ?? '').split(';').map((pair) => pair.trim().split('='));
  return new Map(pairs.map(([name, ...value]) => [name ?? '', value.join('=')]));
}
