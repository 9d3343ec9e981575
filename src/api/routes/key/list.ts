import { failureReason } from '../../../contract/error-reason';
import { KeyList, type KeyView } from '../../../contract/schema/api-key';
import { judgeKey, versionsOf } from '../../../domain/keys';
import { KEY_IDS } from '../../../ports/signer';
import type { Api } from '../../api';
import type { ApiDependencies } from '../../dependencies';
import { answers } from '../answers';

type KeyDeps = Pick<ApiDependencies, 'catalog' | 'keys' | 'now'>;

export function registerListKeys(app: Api, deps: ApiDependencies): void {
  app.get(
    '/v1/registry/keys',
    {
      config: { permission: 'read' },
      schema: {
        summary: 'Public halves of the keys that images are verified with, and which of them count',
        response: answers({ 200: KeyList }),
      },
    },
    async () => ({
      keys: await Promise.all(signingKeyIds(deps).map((keyId) => describe(deps, keyId))),
    }),
  );
}

/** Of every region of the catalogue, and of the bases. */
export function signingKeyIds({ catalog }: Pick<ApiDependencies, 'catalog'>): readonly string[] {
  const regions = [...new Set(catalog.map(({ region }) => region))].sort();
  return [...regions.map(KEY_IDS.release), KEY_IDS.bases];
}

async function describe({ keys, now }: KeyDeps, keyId: string): Promise<KeyView> {
  try {
    const ring = await keys.keyRing(keyId);
    const versions = versionsOf(ring).map((version) => {
      const judged = judgeKey(version, { seenAt: null, now: now() });
      const counts = version === ring.current ? 'signs' : 'verifies';
      return { ...version, state: judged.good ? counts : judged.why };
    });
    return { keyId, versions, problem: null };
  } catch (error) {
    return { keyId, versions: [], problem: failureReason(error) };
  }
}
