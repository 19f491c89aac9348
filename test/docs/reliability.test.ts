import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from '../../scripts/setup/cache.mjs';
import { allCauses } from '../engine/diagnosis/causes/all';

describe('docs/reliability.md', () => {
  it('has the causes of failures that are caused, and no others', () => {
    const [, section = ''] =
      /^## What a failure is told as$(.*?)^## /ms.exec(
        readFileSync(join(repository, 'docs/reliability.md'), 'utf8'),
      ) ?? [];
    const rows = section
      .split('\n')
      .filter((line) => /^\| .*`[A-Z_]+`/.test(line))
      .map((line) => line.split('|').map((cell) => cell.trim()));
    assert.deepEqual(
      rows.map(([, cause, code, known, from]) => [cause, code, known, from]),
      Object.values(allCauses)
        .flat()
        .map(({ cause, code, before, on }) => [
          cause,
          `\`${code}\``,
          before === true ? 'before' : '',
          on ?? '7.2, 10.0',
        ]),
    );
  });
});
