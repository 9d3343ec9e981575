import { spawnSync } from 'node:child_process';
import { Missing } from './report.mjs';

function versionOf(command, args, pattern) {
  const result = spawnSync(command, args, { encoding: 'utf8' });
  const found = pattern.exec(result.stdout ?? '');
  return found ? { major: Number(found[1]), minor: Number(found[2]), text: found[0] } : undefined;
}

function checkNode() {
  const [major] = process.versions.node.split('.').map(Number);
  if (major < 20) {
    throw new Missing(
      `Node ${process.versions.node} is too old.`,
      'Install Node 20 or newer: https://nodejs.org',
    );
  }
}

/** Go builds the tools that are not on PATH; git is what the sample services are read from. */
export function checkPrerequisites() {
  checkNode();
  const go = versionOf('go', ['env', 'GOVERSION'], /go(\d+)\.(\d+)[.\d]*/);
  if (!go) {
    throw new Missing('Go was not found.', 'Install Go 1.25 or newer: https://go.dev/dl');
  }
  if (go.major === 1 && go.minor < 25) {
    throw new Missing(`${go.text} is too old.`, 'Install Go 1.25 or newer: https://go.dev/dl');
  }
  if (!versionOf('git', ['--version'], /(\d+)\.(\d+)/)) {
    throw new Missing('git was not found.', 'Install git: https://git-scm.com/downloads');
  }
}
