import { ReleaseError } from '../../contract/errors';
import { checkLabels, labelsToHold } from '../../domain/labels';
import { checkDockerfile } from '../checks/dockerfile';
import type { ApiDependencies } from '../dependencies';
import type { Candidate } from './candidate';
import { quarantined } from './quarantined';

/**
 * Everything that would refuse the candidate at the edge, in the order a caller should mend it.
 * Throws only when it could not find out.
 */
export async function findProblems(
  deps: ApiDependencies,
  candidate: Candidate,
): Promise<readonly ReleaseError[]> {
  const checks =
    candidate.digest === null ? [checkSource] : [checkRequiredLabels, checkDigestMemory];
  const problems: ReleaseError[] = [];
  for (const check of checks) {
    try {
      await check(deps, candidate);
    } catch (error) {
      if (!(error instanceof ReleaseError) || isUnavailable(error)) throw error;
      problems.push(error);
    }
  }
  return problems;
}

function isUnavailable(error: ReleaseError): boolean {
  return error.code.endsWith('_UNAVAILABLE');
}

async function checkSource(deps: ApiDependencies, candidate: Candidate): Promise<void> {
  if (candidate.dockerfile !== null) await checkDockerfile(deps, candidate.dockerfile);
}

function checkRequiredLabels(deps: ApiDependencies, candidate: Candidate): Promise<void> {
  const required = deps.policy.build.requiredLabels;
  const decision = checkLabels(candidate.labels, required, labelsToHold(candidate, required));
  if (decision.accepted) return Promise.resolve();
  const { message, missing, wrong } = decision;
  return Promise.reject(
    new ReleaseError('LABEL_MISSING', message, {
      details: {
        field: 'digest',
        labels: [...missing, ...wrong],
        remedy: 'build it with these labels and push again',
      },
    }),
  );
}

async function checkDigestMemory(deps: ApiDependencies, candidate: Candidate): Promise<void> {
  const { digest, service } = candidate;
  if (digest === null) return;
  if (await deps.ledger.isQuarantined(digest)) throw quarantined(digest);
  const bad = await deps.ledger.findBad(service.svc, digest);
  if (bad) {
    throw new ReleaseError('BAD_DIGEST', `${digest} is remembered as bad: ${bad.reason}`, {
      details: {
        field: 'digest',
        since: bad.at,
        by: bad.actor,
        remedy: `promote a new build, or release it: plura reg unblock ${service.svc} ${digest} --reason …`,
      },
    });
  }
}
