import type { BaseImportInput, BaseImportReport } from '../../src/contract/base-messages';
import type { BaseFamily } from '../../src/domain/bases/family';
import { POLICY } from './api-fixtures';

export const ALPINE: BaseFamily = {
  name: 'alpine',
  source: { host: 'vendor.example', repository: 'library/alpine' },
  channel: { kind: 'tag', tag: '3.22.2' },
  signature: { kind: 'approval' },
};

export function importInput(over: Partial<BaseImportInput> = {}): BaseImportInput {
  return {
    family: ALPINE,
    scan: POLICY.scan,
    transparencyLog: 'required',
    allowOlder: false,
    requestedBy: 'adam',
    ...over,
  };
}

export function importReport(over: Partial<BaseImportReport> = {}): BaseImportReport {
  return {
    family: 'alpine',
    startedAt: '2026-03-01T12:00:00.000Z',
    endedAt: '2026-03-01T12:00:09.000Z',
    step: 'publish',
    outcome: 'imported',
    source: 'docker.io/library/alpine',
    version: '3.22.2',
    digest: `sha256:${'a'.repeat(64)}`,
    verifiedBy: 'approval of erin',
    mirror: 'bases/alpine:3.22.2_20260301',
    reason: null,
    remedy: null,
    ...over,
  };
}
