import type { Logger } from 'pino';
import { refused, type Refused } from '../http/refused';
import type { Credential, Identity, IdentitySource, LoginFailure } from './identity';
import type { LoginLimit } from './login-limit';

export interface Login {
  readonly identity: Identity;
  readonly source: IdentitySource;
}

export interface Attempt {
  readonly credential: Credential;
  readonly remoteAddress: string;
  /** Value of `WWW-Authenticate` should it fail. */
  readonly challenge: string;
}

export interface Logins {
  /** @throws Refused UNAUTHORIZED, or TOOMANYREQUESTS after too many failures; UNAVAILABLE when nobody can be known */
  login(attempt: Attempt): Promise<Login>;
  /** What a token speaks for by now; null when the token may not be used any more. */
  recall(via: string, name: string, revision: string): Identity | null;
}

interface Parts {
  /** Asked in this order. */
  readonly sources: readonly IdentitySource[];
  readonly limit: LoginLimit;
  readonly log: Logger;
}

interface Explanation {
  readonly rule: string;
  readonly message: string;
  readonly remedy: string;
}

const TOKEN_FAILURE: Explanation = {
  rule: 'token',
  message: 'The token is not ours, has expired, or its robot is no longer good for it',
  remedy: 'ask for a new token; if that fails, log in again',
};

const FAILURES: Readonly<Record<LoginFailure, Explanation>> = {
  unknown: {
    rule: 'login',
    message: 'Name or secret is wrong',
    remedy: 'log in with the name and secret of a robot: plura reg robots list',
  },
  disabled: {
    rule: 'robot-disabled',
    message: 'This robot is disabled',
    remedy: 'an operator can enable it: plura reg robots enable',
  },
  expired: {
    rule: 'robot-expired',
    message: 'This robot has expired',
    remedy: 'create another one: plura reg robots create',
  },
  rotated: {
    rule: 'secret-rotated',
    message: 'This secret was rotated and its grace is over',
    remedy: 'use the new secret, or rotate again: plura reg robots rotate',
  },
};

function nameIn(credential: Credential): string {
  return credential.kind === 'password' ? credential.name : '';
}

export function createLogins({ sources, limit, log }: Parts): Logins {
  function failed({ credential, remoteAddress, challenge }: Attempt, why: LoginFailure): Refused {
    const headers = { 'www-authenticate': challenge };
    // Nobody guesses a signature, and every token expires: such a failure is no attack.
    if (credential.kind === 'bearer')
      return refused({ code: 'UNAUTHORIZED', ...TOKEN_FAILURE }, headers);
    const name = nameIn(credential);
    const { waitMs, isFirst } = limit.fail(remoteAddress, name);
    if (waitMs === 0) return refused({ code: 'UNAUTHORIZED', ...FAILURES[why] }, headers);
    if (isFirst) {
      log.warn({ remoteAddress, robot: name.slice(0, 64), why }, 'too many failed logins');
    }
    return refused(
      {
        code: 'TOOMANYREQUESTS',
        rule: 'failed-logins',
        message: `Too many failed logins; the last one: ${FAILURES[why].message}`,
        remedy: FAILURES[why].remedy,
      },
      { 'retry-after': String(Math.ceil(waitMs / 1000)) },
    );
  }

  return {
    login: async (attempt) => {
      let why: LoginFailure = 'unknown';
      for (const source of sources) {
        const result = await source.verify(attempt.credential);
        if (result.identity) return { identity: result.identity, source };
        if (result.why !== 'unknown') {
          why = result.why;
          break;
        }
      }
      throw failed(attempt, why);
    },
    recall: (via, name, revision) =>
      sources.find(({ id }) => id === via)?.recall(name, revision) ?? null,
  };
}
