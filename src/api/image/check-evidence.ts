import type { VerifyCheck } from '../../contract/schema/api-verify';
import { VerdictsPredicate } from '../../contract/schema/verdicts-predicate';
import {
  VERDICTS_PREDICATE_TYPE,
  type VerdictsPredicate as Predicate,
} from '../../domain/evidence-predicate';
import type { ImageRef } from '../../domain/reference';
import type { Service } from '../../domain/service';
import { KEY_IDS, type VerifiedBundle } from '../../ports/signer';
import { findAttestations } from '../attestations';
import type { ApiDependencies } from '../dependencies';

interface Attested {
  readonly predicate: Predicate;
  readonly logIndex: string | null;
}

/**
 * The verdicts that were signed on the digest: by the release key, about this digest in this repository. Of several the last counts.
 * None at all holds unless it is required: releases before there were any have none.
 */
export async function checkEvidence(
  deps: Pick<ApiDependencies, 'registry' | 'signer' | 'policy'>,
  service: Service,
  image: ImageRef,
  isRequired: boolean,
): Promise<VerifyCheck> {
  const keyId = KEY_IDS.release(service.region);
  const { bundles, attached, why } = await findAttestations(deps, {
    image,
    keyId,
    predicateType: VERDICTS_PREDICATE_TYPE,
    log: deps.policy.signing.transparencyLog === 'required',
  });
  if (bundles.length === 0) {
    const missing = 'no verdicts are attested, as with early releases';
    return attached === 0 ? check(!isRequired, missing) : check(false, why);
  }
  const read = bundles.map((bundle) => readBundle(bundle, image));
  const last = read
    .filter((one): one is Attested => typeof one !== 'string')
    .sort(byAge)
    .at(-1);
  if (!last) return check(false, read.filter((one) => typeof one === 'string').at(-1) ?? why);
  return describe(last, keyId);
}

/** Or what is wrong with it: a signature names no repository, so the predicate does. */
function readBundle({ statement, logIndex }: VerifiedBundle, image: ImageRef): Attested | string {
  const parsed = VerdictsPredicate.safeParse(statement.predicate);
  if (!parsed.success) return 'the attested verdicts are malformed';
  const { release, digest } = parsed.data;
  if (release.repository !== image.repository) {
    return `the attested verdicts are about ${release.repository}`;
  }
  if (digest !== image.digest) return `the attested verdicts are about ${digest}`;
  return { predicate: parsed.data, logIndex };
}

/** A release that was judged further was attested again. */
function byAge(one: Attested, two: Attested): number {
  return judgedAt(one) - judgedAt(two);
}

function judgedAt({ predicate }: Attested): number {
  return Math.max(...predicate.verdicts.map(({ at }) => Date.parse(at)));
}

function describe({ predicate, logIndex }: Attested, keyId: string): VerifyCheck {
  const outcomes = predicate.verdicts.map(({ gate, subject, outcome }) => ({
    gate,
    subject,
    outcome,
  }));
  const passed = outcomes.filter(({ outcome }) => outcome === 'pass').length;
  const log = logIndex === null ? 'not logged' : `log entry ${logIndex}`;
  const why = `${passed} of ${outcomes.length} verdicts pass; signed by ${keyId}, ${log}`;
  return { ...check(passed === outcomes.length, why), outcomes };
}

function check(ok: boolean, why: string): VerifyCheck {
  return { name: 'evidence', ok, why };
}
