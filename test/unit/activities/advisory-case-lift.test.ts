import { liftActs } from '../../../activities/advisory-case-lift';
import { SYSTEM_ACTOR } from '../../../src/domain/actor';
import { ADVISORY, caseOf, hitOf } from '../../support/contracts/advisory-cases';
import { A, T0, T1 } from '../../support/contracts/ledger-builders';
import { createFakeDeps } from '../../support/fake-deps';

const SYSTEM = SYSTEM_ACTOR.subject;
const REASON = `advisory ${ADVISORY}`;

it('lifts nothing that a person takes over while it is lifted', async () => {
  const deps = await createFakeDeps();
  const { advisoryCases, allowList, quarantine } = deps;
  await advisoryCases.open(caseOf(), [hitOf()]);
  const denial = { digest: A, repository: null, reason: REASON, by: SYSTEM, at: T0 };
  const entry = { digest: A, reason: REASON, cves: [ADVISORY], actor: SYSTEM, at: T0 };
  const noEnd = { graceUntil: null, expiresAt: null };
  await allowList.addDenial(denial);
  await quarantine.add({ ...entry, ...noEnd });
  const appendAudit = async (): Promise<void> => {
    await allowList.addDenial({ ...denial, by: 'erin', reason: 'breach', at: T1 });
    await quarantine.add({ ...entry, ...noEnd, actor: 'erin', reason: 'breach', at: T1 });
  };

  await liftActs({ ...deps, ledger: { ...deps.ledger, appendAudit } }, ADVISORY);

  expect(await allowList.listDenials({ limit: 10 })).toMatchObject([{ by: 'erin' }]);
  expect(await quarantine.get(A)).toMatchObject({ actor: 'erin' });
});

it('lifts what the case had blocked', async () => {
  const deps = await createFakeDeps();
  await deps.advisoryCases.open(caseOf(), [hitOf()]);
  await deps.allowList.addDenial({
    ...{ digest: A, repository: null, reason: REASON, by: SYSTEM, at: T0 },
  });

  expect(await liftActs(deps, ADVISORY)).toEqual({ lifted: 1 });

  expect(await deps.allowList.listDenials({ limit: 10 })).toEqual([]);
});
