import type { ReleaseStage } from '../../src/domain/release';
import type { PartName } from '../../src/local/stack/parts';
import { startE2eStack, type E2eStack } from '../support/e2e-stack';

jest.setTimeout(900_000);

/** A minute is the promise; CI proves the mechanism in less: PLURA_E2E_OUTAGE_S=60 for the whole of it. */
const OUTAGE_MS = Number(process.env['PLURA_E2E_OUTAGE_S'] ?? 12) * 1000;

let e2e: E2eStack;
let version = 0;

beforeAll(async () => {
  e2e = await startE2eStack();
  await e2e.waitForEnd(await e2e.promote('payments', 'payments', '0.1.0'));
});
afterAll(async () => {
  await e2e.stop();
});

it.each<[PartName, ReleaseStage]>([
  ['buildkitd', 'build'],
  ['registry', 'build'],
  ['gateway', 'build'],
  ['rekor', 'build'],
  ['registry', 'canary'],
  ['gateway', 'canary'],
  ['postgres', 'build'],
  ['postgres', 'canary'],
  ['prometheus', 'observation'],
  ['postgres', 'observation'],
])('%s down at %s: the release waits, and goes on', async (part, stage) => {
  version += 1;
  const id = await e2e.promote('payments', 'payments', `1.${version}.0`);
  // A build takes less than a look: its parts go down as soon as it is asked for.
  if (stage !== 'build') await e2e.waitForStage(id, stage);

  await e2e.stack.stopPart(part);
  await new Promise((resolve) => setTimeout(resolve, OUTAGE_MS));
  await e2e.stack.startPart(part);

  const release = await e2e.waitForEnd(id);
  if (release.outcome !== 'released') throw new Error(release.reason);
  await expect(e2e.channels('payments')).resolves.toMatchObject({ 'prod:stable': release.digest });
  const measured = release.verdicts.filter(({ gate }) => gate === 'observation');
  expect(measured.at(-1)).toMatchObject({ outcome: 'pass' });
});
