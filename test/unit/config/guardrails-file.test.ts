import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadGuardrails } from '../../../src/config/guardrails-file';
import { DEFAULT_GUARDRAILS } from '../../../src/domain/admission/guardrails/defaults';
import { modesOf } from '../../../src/domain/admission/guardrails/modes';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'plura-guardrails-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

function fileWith(text: string): string {
  const file = join(folder, 'guardrails.yaml');
  writeFileSync(file, text);
  return file;
}

describe('the guardrails of a process', () => {
  it('are the standard without a file', () => {
    expect(loadGuardrails(undefined)).toBe(DEFAULT_GUARDRAILS);
  });

  it('are read from a file such as docs/guardrails.md shows', () => {
    const docs = readFileSync(join(__dirname, '../../../docs/guardrails.md'), 'utf8');
    const [, example = ''] = /```yaml\n([^]*?)```/.exec(docs) ?? [];

    const config = loadGuardrails(fileWith(example));

    expect(modesOf(config, 'seccomp')('shop')).toBe('warn');
    expect(modesOf(config, 'privileged')('shop')).toBe('enforce');
    expect(modesOf(config, 'seccomp')('shop-prod')).toBe('enforce');
    expect(modesOf(config, 'egress-policy')('lab-1')).toBe('audit');
  });

  it('are refused with the line of a fault', () => {
    const file = fileWith('apiVersion: plura.reg/guardrails/v1\nmodes:\n  seccomp: deny\n');

    expect(() => loadGuardrails(file)).toThrow(`${file}:3: modes.seccomp: `);
  });
});
