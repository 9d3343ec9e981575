import type { Digest } from '../../../src/domain/digest';
import { endMsOf, type Exception } from '../../../src/domain/exceptions/exception';
import type { Lapse } from '../../../src/domain/registry/lapse';
import { coveredOf, coveredUntil, type CoveredFinding } from '../../../src/domain/scan/covered';
import type { CoveredImage, Exceptions } from '../../../src/ports/exceptions';
import type { Spread } from '../../../src/ports/gateway-state';
import { withCallFaults, type CallFaults } from './call-faults';
import { reach, type FakeContents } from './inventory-contents';
import type { FakeLedger } from './ledger';

export interface FakeExceptions extends Exceptions, CallFaults {
  /** As the gateway reads them. */
  lapses(contents: FakeContents, spread: Spread): readonly Lapse[];
}

interface Parts {
  /** Its verdicts say what passed by exceptions; what is approved here is among its exceptions. */
  readonly ledger: FakeLedger;
  /** Some channel points at it. */
  readonly isRunning?: (digest: Digest) => boolean;
}

type Told = Parameters<Exceptions['tell']>[0];

interface Image extends CoveredImage {
  /** Its newest scan failed. */
  readonly failed: boolean;
}

/** The last pass of each service's digest that rests on exceptions. */
function imagesOf({ verdicts }: FakeLedger): readonly Image[] {
  const images = new Map<string, Image>();
  for (const { releaseId, verdict } of verdicts) {
    const { gate, subject, outcome, evidence } = verdict;
    if (gate !== 'scan') continue;
    const [svc = ''] = releaseId.split('/');
    const key = `${svc} ${subject}`;
    const before = images.get(key);
    if (outcome === 'fail' && before) images.set(key, { ...before, failed: true });
    if (outcome !== 'pass') continue;
    const covered = coveredOf(evidence) ?? [];
    const digest = subject as Digest;
    if (covered.length === 0) images.delete(key);
    else images.set(key, { svc, digest, releaseId, covered, failed: false });
  }
  return [...images.values()].sort((a, b) => (a.svc + a.digest < b.svc + b.digest ? -1 : 1));
}

const toImage = ({ svc, digest, releaseId, covered }: Image): CoveredImage => ({
  ...{ svc, digest, releaseId, covered },
});

/** Exceptions in memory, over the fake ledger. */
export function createFakeExceptions({ ledger, isRunning = () => false }: Parts): FakeExceptions {
  const all = new Map<string, Exception>();
  const told = new Map<string, Told>();

  function put(exception: Exception): Exception {
    all.set(exception.id, exception);
    const index = ledger.exceptions.findIndex(({ id }) => id === exception.id);
    if (index >= 0) ledger.exceptions.splice(index, 1);
    if (exception.approvedAt !== null) {
      const { id, kind, vulnerabilityId, packageName, packageVersion, svc } = exception;
      const { expiresAt, revokedAt } = exception;
      ledger.exceptions.push({
        ...{ id, kind, vulnerabilityId, packageName, packageVersion, svc, expiresAt, revokedAt },
      });
    }
    return exception;
  }

  const endOf = ({ svc }: CoveredImage, one: CoveredFinding): number =>
    coveredUntil(one, ledger.exceptions, svc);
  const firstEnd = (image: CoveredImage): number =>
    Math.min(...image.covered.map((one) => endOf(image, one)));

  const exceptions: Exceptions & Pick<FakeExceptions, 'lapses'> = {
    request: (one) =>
      Promise.resolve(
        all.get(one.id) ??
          put({
            ...{ ...one, approvedBy: null, approvedAt: null },
            ...{ revokedBy: null, revokedAt: null, revokeReason: null },
          }),
      ),
    read: (id) => Promise.resolve(all.get(id) ?? null),
    list: ({ svc, all: ended = false, now, limit }) =>
      Promise.resolve(
        [...all.values()]
          .filter((one) => svc === undefined || one.svc === null || one.svc === svc)
          .filter((one) => ended || endMsOf(one) > Date.parse(now))
          .sort((a, b) => (a.requestedAt < b.requestedAt ? 1 : -1))
          .slice(0, limit),
      ),
    approve: (id, approvedBy, approvedAt) => {
      const one = all.get(id);
      if (!one) return Promise.resolve(null);
      const isSame = one.approvedBy === approvedBy && one.approvedAt === approvedAt;
      const isOpen = one.approvedAt === null && endMsOf(one) > Date.parse(approvedAt);
      if (isSame) return Promise.resolve(one);
      return Promise.resolve(
        isOpen && one.revokedAt === null ? put({ ...one, approvedBy, approvedAt }) : null,
      );
    },
    revoke: (id, revokedBy, revokeReason, revokedAt) => {
      const one = all.get(id);
      if (!one) return Promise.resolve(null);
      const isSame = one.revokedBy === revokedBy && one.revokedAt === revokedAt;
      if (isSame && one.revokeReason === revokeReason) return Promise.resolve(one);
      const isOpen = one.revokedAt === null && Date.parse(one.expiresAt) > Date.parse(revokedAt);
      return Promise.resolve(isOpen ? put({ ...one, revokedBy, revokeReason, revokedAt }) : null);
    },
    watched: (now, sinceMs, limit) =>
      Promise.resolve(
        [...all.values()]
          .filter((one) => one.approvedAt !== null && endMsOf(one) > Date.parse(now) - sinceMs)
          .sort((a, b) => endMsOf(a) - endMsOf(b))
          .slice(0, limit),
      ),
    coveredBy: (id, limit) =>
      Promise.resolve(
        imagesOf(ledger)
          .filter(({ covered }) => covered.some(({ exceptionId }) => exceptionId === id))
          .slice(0, limit)
          .map(toImage),
      ),
    lapsed: (now, limit) =>
      Promise.resolve(
        imagesOf(ledger)
          .filter((image) => !image.failed && firstEnd(image) <= Date.parse(now))
          .slice(0, limit)
          .map(toImage),
      ),
    toldOf: (ids) =>
      Promise.resolve([...told.values()].filter(({ exceptionId }) => ids.includes(exceptionId))),
    tell: ({ exceptionId, name }) => {
      told.set(`${exceptionId} ${name}`, { exceptionId, name });
      return Promise.resolve();
    },
    lapses: (contents, spread) => {
      const found = new Map<Digest, Lapse>();
      const images = [...imagesOf(ledger)].sort((a, b) => firstEnd(a) - firstEnd(b));
      for (const image of images) {
        const [first] = [...image.covered].sort((a, b) => endOf(image, a) - endOf(image, b));
        if (!first) continue;
        const { svc, digest: cause } = image;
        const { vulnerabilityId, packageName, exceptionId } = first;
        const endsAt = new Date(Math.max(0, endOf(image, first))).toISOString();
        const lapse = { cause, svc, vulnerabilityId, packageName, exceptionId, endsAt };
        const reached = new Set([
          cause,
          ...(spread.parents ? reach(contents, cause, 'parents') : []),
          ...(spread.children ? reach(contents, cause, 'children') : []),
        ]);
        for (const digest of reached) {
          if (!found.has(digest))
            found.set(digest, { ...lapse, digest, running: isRunning(cause) });
        }
      }
      return [...found.values()].sort((a, b) => (a.digest < b.digest ? -1 : 1));
    },
  };
  return withCallFaults(exceptions);
}
