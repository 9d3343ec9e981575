import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RULE_IDS } from '../../../../../src/domain/admission/guardrails/config';
import { DEFAULT_GUARDRAILS } from '../../../../../src/domain/admission/guardrails/defaults';
import { GUARDRAILS } from '../../../../../src/domain/admission/guardrails/rules';
import { breachesInCel } from '../../../../../src/domain/admission/guardrails/vap-rules';

const DOCS = readFileSync(join(__dirname, '../../../../../docs/guardrails.md'), 'utf8');

/** The cells of the rows that begin with a rule, as Markdown reads them. */
const rows = DOCS.split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) =>
    line
      .slice(1, -1)
      .split(/(?<!\\)\|/)
      .map((cell) => cell.trim().replaceAll(/[`\\]/g, '')),
  );

describe('the rules', () => {
  it('are in the order of their ids, each once', () => {
    expect(GUARDRAILS.map(({ id }) => id)).toEqual(RULE_IDS);
  });

  it('are in docs/guardrails.md as they are in the code', () => {
    expect(rows).toEqual(
      GUARDRAILS.map((rule) => [
        rule.id,
        rule.title,
        rule.why,
        rule.remedy,
        DEFAULT_GUARDRAILS.modes[rule.id],
        breachesInCel(rule.id, DEFAULT_GUARDRAILS) === null ? 'no' : 'yes',
      ]),
    );
  });
});
