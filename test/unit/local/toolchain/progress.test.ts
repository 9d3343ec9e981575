import { showTools } from '../../../../src/local/toolchain/progress';

function collect(isTTY: boolean): {
  output: { isTTY: boolean; write: (text: string) => void };
  text: () => string;
} {
  let written = '';
  return {
    output: {
      isTTY,
      write: (text) => {
        written += text;
      },
    },
    text: () => written,
  };
}

test('without a terminal each build has a first and a last line, and no control characters', () => {
  const { output, text } = collect(false);
  const tools = showTools(output);

  tools.onEvent({ tool: 'rekor', state: 'building', purpose: 'transparency log' });
  tools.onEvent({ tool: 'rekor', state: 'ready', ms: 12_300 });
  tools.end();

  const [first, last] = text().trimEnd().split('\n');
  expect(first).toMatch(/^building rekor \(transparency log\) \.\.\. /);
  expect(last).toBe('rekor is ready: 12.3 s');
  expect(text()).not.toContain('\u001b');
});

test('on a terminal the counting line is wiped before the last one', () => {
  const { output, text } = collect(true);
  const tools = showTools(output);

  tools.onEvent({ tool: 'rekor', state: 'building', purpose: 'transparency log' });
  tools.onEvent({ tool: 'rekor', state: 'ready', ms: 1000 });
  tools.end();

  expect(text()).toContain('\u001b[2Krekor is ready: 1.0 s\n');
});

test('waiting for another process is told', () => {
  const { output, text } = collect(false);
  const tools = showTools(output);

  tools.onEvent({ tool: 'trivy', state: 'waiting', purpose: 'scanner' });
  tools.end();

  expect(text()).toContain('waiting for another build of trivy');
});
