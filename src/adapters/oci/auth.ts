import type { RegistryCredentials } from '../../contract/docker-config';
import { basic, fetchToken, parseChallenge, tokenUrl, type Challenge } from './token';

const MAX_TOKENS = 500;

export interface Authenticator {
  /**
   * The `Authorization` for these scopes, renewed when it has ended. Undefined until the registry has once said how it wants
   * to be asked: from then on a new scope costs a token, not a refused request as well.
   */
  current(scopes: readonly string[]): Promise<string | undefined>;
  /** Answers a challenge, always with something new. Null when there is nothing to answer it with. */
  answer(header: string | null, scopes: readonly string[]): Promise<string | null>;
}

interface Options {
  readonly registry: URL;
  readonly credentials: RegistryCredentials | undefined;
  readonly timeoutMs: number;
}

/** Basic and bearer tokens (distribution, "Token Authentication Specification"), cached until they end. */
export function createAuthenticator({ registry, credentials, timeoutMs }: Options): Authenticator {
  const cache = new Map<string, { readonly header: string; readonly until: number }>();
  const underway = new Map<string, Promise<string>>();
  let learned: Challenge | undefined;
  const keyOf = (scopes: readonly string[]): string => scopes.join(' ');

  function remember(scopes: readonly string[], header: string, lifeMs: number): string {
    if (cache.size >= MAX_TOKENS) {
      cache.clear();
    }
    cache.set(keyOf(scopes), { header, until: Date.now() + lifeMs });
    return header;
  }

  /** Requests for the same scopes that come at once share one token. */
  function renew(challenge: Challenge, scopes: readonly string[]): Promise<string> {
    const key = keyOf(scopes);
    const running =
      underway.get(key) ??
      fetchToken(tokenUrl(challenge, registry, scopes), credentials, timeoutMs)
        .then(({ header, lifeMs }) => remember(scopes, header, lifeMs))
        .finally(() => underway.delete(key));
    underway.set(key, running);
    return running;
  }

  return {
    current: async (scopes) => {
      if (learned?.scheme === 'basic') {
        return credentials && basic(credentials);
      }
      const known = cache.get(keyOf(scopes));
      if (known && known.until > Date.now()) {
        return known.header;
      }
      return learned && renew(learned, scopes);
    },
    answer: async (header, scopes) => {
      const challenge = parseChallenge(header);
      if (challenge?.scheme === 'basic') {
        learned = challenge;
        return credentials ? basic(credentials) : null;
      }
      if (!challenge) {
        return null;
      }
      const answered = await renew(challenge, scopes);
      // Without the scope, which is that of one request.
      const { realm = '', service } = challenge.parameters;
      const parameters = service === undefined ? { realm } : { realm, service };
      learned = { scheme: 'bearer', parameters };
      return answered;
    },
  };
}
