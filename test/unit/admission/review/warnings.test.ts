import { fitWarnings } from '../../../../src/admission/answer';
import { warningsOf } from '../../../../src/admission/review/warnings';
import { RULE_IDS } from '../../../../src/domain/admission/guardrails/config';
import type { Breach } from '../../../../src/domain/admission/guardrails/guardrail';
import { GUARDRAILS } from '../../../../src/domain/admission/guardrails/rules';

const SECCOMP = 'set securityContext.seccompProfile.type: RuntimeDefault on the pod';

function breach(rule: Breach['rule'], message: string): Breach {
  return { rule, pointer: '/spec/containers/0', message };
}

const warn = (...warnings: readonly Breach[]): readonly string[] =>
  warningsOf({ guardrails: { denied: [], warnings, audited: [], unread: [] } });

it('says what to do with the first breach of a rule', () => {
  expect(warn(breach('seccomp', 'container web has no profile'))).toEqual([
    `[seccomp] container web has no profile: ${SECCOMP}`,
  ]);
});

it('says it once a rule, and first of every rule', () => {
  const found = [
    breach('seccomp', 'container a has no profile'),
    breach('seccomp', 'container b has no profile'),
    breach('privileged', 'container a is privileged'),
  ];

  expect(warn(...found)).toEqual([
    `[seccomp] container a has no profile: ${SECCOMP}`,
    '[privileged] container a is privileged: take away securityContext.privileged and windowsOptions.hostProcess',
    '[seccomp] container b has no profile',
  ]);
});

it('says it by itself where both are too long for one warning', () => {
  const message = `container ${'x'.repeat(200)} has no profile`;

  expect(warn(breach('seccomp', message))).toEqual([
    `[seccomp] ${message}`,
    `[seccomp] to mend it: ${SECCOMP}`,
  ]);
});

it('brings what to do for every rule to kubectl, however much is breached', () => {
  const found = RULE_IDS.flatMap((rule) =>
    Array.from({ length: 50 }, (_, n) => breach(rule, `container with-a-long-name-${n} is wrong`)),
  );

  const shown = fitWarnings(warn(...found));

  for (const { remedy } of GUARDRAILS) {
    expect(shown.filter((one) => one.endsWith(remedy))).toHaveLength(1);
  }
  expect(shown.at(-1)).toMatch(/^and \d+ more warnings$/);
});
