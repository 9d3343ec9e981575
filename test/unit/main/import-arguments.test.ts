import { readImportArguments } from '../../../src/main/import-arguments';

describe('arguments of import-inventory', () => {
  it('may all be left out', () => {
    expect(readImportArguments([])).toEqual({
      ...{ from: null, layout: null, after: null, json: false, help: false },
    });
  });

  it('are read by name', () => {
    const args = ['--from', '/data', '--layout=oci', '--after', 'apps/a/a', '--json'];

    expect(readImportArguments(args)).toEqual({
      ...{ from: '/data', layout: 'oci', after: 'apps/a/a', json: true, help: false },
    });
  });

  it.each([
    [['--layout', 'tar'], 'distribution or oci'],
    [['--form', '/data'], '--form'],
    [['--after'], '--after'],
    [['/data'], '/data'],
  ])('are refused: %j', (args, text) => {
    expect(() => readImportArguments(args)).toThrow(text);
  });
});
