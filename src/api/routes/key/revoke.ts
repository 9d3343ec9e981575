import type { FastifyRequest } from 'fastify';
import { ReleaseError } from '../../../contract/errors';
import { RevokedKeyView, RevokeKeyRequest } from '../../../contract/schema/api-key';
import {
  recordedRevocation,
  withRevocations,
  type RevokedKey,
} from '../../../domain/key-revocations';
import { revokeVersion } from '../../../domain/key-rotation';
import { versionsOf, type KeyVersion } from '../../../domain/keys';
import type { Api } from '../../api';
import { audit } from '../../audit';
import type { ApiDependencies } from '../../dependencies';
import { idempotencyId } from '../../request-id';
import { answers, MutationHeaders } from '../answers';
import { signingKeyIds } from './list';

export function registerRevokeKey(app: Api, deps: ApiDependencies): void {
  app.post(
    '/v1/registry/keys/revocations',
    {
      config: { permission: 'revokeKeys' },
      schema: {
        summary: 'Call a key back: within a second no verifier takes its signatures any more',
        headers: MutationHeaders,
        body: RevokeKeyRequest,
        response: answers({ 201: RevokedKeyView }),
      },
    },
    async (request, reply) => {
      const revoked = await revoke(deps, request);
      await audit(deps, request, {
        action: 'key.revoke',
        svc: '*',
        subject: `${revoked.keyId} ${revoked.version}`,
        details: { trustedBefore: revoked.trustedBefore, reason: request.body.reason },
      });
      void reply.code(201);
      return revoked;
    },
  );
}

/** What stands after it: a line of its own, or the one that said the same before. */
async function revoke(
  deps: Pick<ApiDependencies, 'catalog' | 'keys' | 'keyRevocations' | 'now'>,
  request: FastifyRequest & { readonly body: RevokeKeyRequest },
): Promise<RevokedKey> {
  const { keyId, version, reason } = request.body;
  const revokedAt = deps.now().toISOString();
  const trustedBefore = readTrustedBefore(request.body.trustedBefore, deps.now());
  const recorded = await deps.keyRevocations.list();
  const found = await findVersion(deps, recorded, keyId, version, { revokedAt, trustedBefore });
  const standing = recordedRevocation(recorded, keyId, found, trustedBefore);
  if (standing) return standing;
  const by = request.actor.subject;
  const { publicKey } = found;
  const revoked = { keyId, version, publicKey, revokedAt, trustedBefore, reason, by };
  await deps.keyRevocations.revoke(revoked, idempotencyId(request));
  return revoked;
}

function readTrustedBefore(text: string | undefined, now: Date): string | null {
  if (text === undefined) return null;
  const at = new Date(text);
  if (at <= now) return at.toISOString();
  throw new ReleaseError('INVALID_INPUT', 'trustedBefore is in the future', {
    details: { field: 'trustedBefore', remedy: 'give the moment the key was compromised' },
  });
}

/** @throws ReleaseError INVALID_INPUT for an unknown key or version, the version that signs, and what is looser than what stands */
async function findVersion(
  deps: Pick<ApiDependencies, 'catalog' | 'keys'>,
  recorded: readonly RevokedKey[],
  keyId: string,
  version: string,
  revocation: NonNullable<KeyVersion['revocation']>,
): Promise<KeyVersion> {
  const known = signingKeyIds(deps);
  if (!known.includes(keyId)) {
    throw new ReleaseError('INVALID_INPUT', `There is no key "${keyId}"`, {
      details: { field: 'keyId', known, remedy: 'see what there is: plura reg keys list' },
    });
  }
  const ring = withRevocations(await deps.keys.keyRing(keyId), recorded);
  const result = revokeVersion(ring, version, revocation);
  if (!result.revoked) {
    throw new ReleaseError('INVALID_INPUT', `key ${keyId}: ${result.why}`, {
      details: { field: result.field, remedy: result.remedy },
    });
  }
  const found = versionsOf(ring).find((one) => one.version === version);
  return found ?? ring.current;
}
