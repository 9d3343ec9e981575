import { describeDenial } from '../../../../src/admission/review/denial';
import type { AdmissionFault } from '../../../../src/domain/admission/fault';
import { RULE_IDS } from '../../../../src/domain/admission/guardrails/config';
import type { Breach } from '../../../../src/domain/admission/guardrails/guardrail';
import { GUARDRAILS } from '../../../../src/domain/admission/guardrails/rules';
import { fakeDigest } from '../../../support/api-fixtures';

const IMAGE = `registry.test:5080/apps/checkout/checkout@${fakeDigest('one')}`;
const SIGNATURE: AdmissionFault = { rule: 'signature', message: 'It has no signature.' };
const AWAY: AdmissionFault = { rule: 'not-known', message: 'No answer.', unknown: 'registry' };
const WHY = `To see why: plura reg why ${IMAGE} --namespace shop-prod`;
const AGAIN = 'It may be admitted once the part named above answers again.';

function breach(rule: Breach['rule'], container = 0): Breach {
  return { rule, pointer: `/spec/containers/${container}`, message: 'is wrong' };
}

interface Given {
  readonly image?: string;
  readonly faults?: readonly AdmissionFault[];
  readonly breaches?: readonly Breach[];
  readonly unread?: readonly AdmissionFault[];
}

function linesOf({ image = IMAGE, faults = [], breaches = [], unread = [] }: Given): string[] {
  const position = {
    kind: 'container',
    name: 'web',
    image,
    pointer: '/spec/containers/0',
  } as const;
  const images = faults.length > 0 ? [{ position, faults }] : [];
  const denial = { namespace: 'shop-prod', images, breaches, unread, breakGlass: null };
  return describeDenial(denial).split('\n');
}

describe('what to do', () => {
  it('is the remedy of each rule that was breached, once, with why', () => {
    const breaches = [breach('seccomp'), breach('seccomp', 1), breach('privileged')];

    expect(linesOf({ breaches })).toEqual([
      'plura reg does not admit this to shop-prod:',
      '- /spec/containers/0: [seccomp] is wrong',
      '- /spec/containers/1: [seccomp] is wrong',
      '- /spec/containers/0: [privileged] is wrong',
      'To mend [seccomp]: set securityContext.seccompProfile.type: RuntimeDefault on the pod. Most ways out of a container start with a system call that no service needs.',
      'To mend [privileged]: take away securityContext.privileged and windowsOptions.hostProcess. A privileged container, or a HostProcess container on Windows, is the node.',
    ]);
  });

  it('is told of guardrails beside an image that is refused', () => {
    const lines = linesOf({ faults: [SIGNATURE], breaches: [breach('seccomp')] });

    expect(lines).toContain(WHY);
    expect(lines.at(-1)).toMatch(/^To mend \[seccomp]: set /);
  });

  it.each(['reference', 'digest-form', 'registry-name', 'internal'] as const)(
    'is not to ask why of what `why` can not tell more of: %s',
    (rule) => {
      const lines = linesOf({ image: '', faults: [{ rule, message: 'It is wrong.' }] });

      expect(lines).toEqual([
        'plura reg does not admit this to shop-prod:',
        `- container web, : [${rule}] It is wrong.`,
      ]);
    },
  );

  it.each<[string, Given, string]>([
    ['of an image that could not be asked about', { faults: [AWAY] }, AGAIN],
    ['of guardrails that could not be asked about', { unread: [AWAY] }, AGAIN],
    ['of one that was judged as well', { faults: [AWAY, SIGNATURE] }, WHY],
  ])('is to wait only where nothing was judged: %s', (_what, given, expected) => {
    expect(linesOf(given).at(-1)).toBe(expected);
  });
});

it('stands there however much speaks against it', () => {
  const breaches = RULE_IDS.flatMap((rule) =>
    Array.from({ length: 100 }, (_, n) => breach(rule, n)),
  );

  const lines = linesOf({ faults: [SIGNATURE], breaches });

  expect(lines.join('\n').length).toBeLessThanOrEqual(8192);
  for (const { remedy } of GUARDRAILS) expect(lines.join('\n')).toContain(remedy);
  expect(lines).toContain(WHY);
  const left = lines.filter((line) => line.startsWith('- ')).length - 1;
  expect(lines).toContain(`- and ${breaches.length + 1 - left} more`);
});

it('is not filled by one reason alone', () => {
  const endless = { rule: 'malformed', message: 'x'.repeat(100_000) } as const;

  const lines = linesOf({ faults: [endless, SIGNATURE] });

  expect(lines[2]).toContain('[signature]');
  expect(lines.at(-1)).toBe(WHY);
});
