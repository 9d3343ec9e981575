/** For tests of a tool that a machine may lack. They are skipped without it; on CI, where nobody would see that, they fail. */
export function describeWith(tool: string, isThere: boolean): jest.Describe {
  if (isThere || process.env['CI'] === 'true') return describe;
  process.stderr.write(`${tool}: not there, so what needs it is not tested\n`);
  return describe.skip;
}
