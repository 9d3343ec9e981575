import type { z } from 'zod';
import { ociErrorBody } from '../../../contract/schema/oci-manifest';
import { isDigest, type Digest } from '../../../domain/digest';
import { OCI_ERRORS, type OciErrorCode } from '../../../domain/registry/refusal';
import { backendDenied, backendNonsense } from '../../backend/failures';
import { refused, type Refused } from '../../http/refused';
import type { BackendAnswer } from './registry-manifests';

const MAX_NAMED = 20;

function isOciCode(code: string): code is OciErrorCode {
  return Object.hasOwn(OCI_ERRORS, code);
}

/** distribution writes the digest as it is, others as a field. */
function digestIn(detail: unknown): Digest | null {
  const field =
    typeof detail === 'object' && detail !== null && 'digest' in detail ? detail.digest : detail;
  return typeof field === 'string' && isDigest(field) ? field : null;
}

type BackendError = z.infer<typeof ociErrorBody>['errors'][number];

function readErrors(body: Buffer): readonly BackendError[] {
  try {
    return ociErrorBody.safeParse(JSON.parse(body.toString('utf8'))).data?.errors ?? [];
  } catch {
    return [];
  }
}

/** The codes of an error body of the distribution-spec; none for anything else. */
export function errorCodesIn(body: Buffer): readonly string[] {
  return readErrors(body).map(({ code }) => code);
}

/** The registry's own refusal of a write, in its words: status, code, message, and the blobs that it misses. */
export function refusalOfBackend({ status, headers, body }: BackendAnswer): Refused {
  if (status === 401 || status === 403) return backendDenied();
  if (status < 400) return backendNonsense(`answered ${status} to a write`);
  const errors = readErrors(body);
  const [first] = errors;
  const digests = errors.flatMap(({ detail }) => digestIn(detail) ?? []).slice(0, MAX_NAMED);
  const retryAfter = headers['retry-after'];
  return refused(
    {
      code: first !== undefined && isOciCode(first.code) ? first.code : 'UNKNOWN',
      status,
      rule: 'backend-refused',
      message: (first?.message ?? `The registry behind the gateway answers ${status}`).slice(
        0,
        500,
      ),
      remedy: 'push the blobs and manifests that it names first; else see the registry',
      ...(digests.length > 0 && { detail: { digests } }),
    },
    retryAfter === undefined ? {} : { 'retry-after': retryAfter },
  );
}
