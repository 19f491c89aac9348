import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from '../../scripts/setup/cache.mjs';
import { readTrace } from '../../src/engine/trace/file';
import { TraceRecordSchema } from '../../src/engine/trace/record';

const text = readFileSync(join(repository, 'docs/trace.md'), 'utf8');

/** Under the heading "Every record", not under each. */
const fieldsOfAll = ['type', 'at', 'phase', 'instance'];

describe('docs/trace.md', () => {
  for (const { entries } of TraceRecordSchema.options) {
    const type = entries.type.literal;

    it(`names the fields of ${type}, and no others`, () => {
      const section = text.split(`### \`${type}\`\n`)[1]?.split(/^##/m)[0] ?? '';
      const fields = Object.keys(entries).filter((field) => !fieldsOfAll.includes(field));
      assert.deepEqual(fieldsIn(section).sort(), fields.sort());
    });
  }

  it('shows an example whose whole lines are records', () => {
    const example = text.split('```json\n')[1]?.split('```')[0] ?? '';
    const whole = example.split('\n').filter((line) => !line.endsWith(' ...'));
    assert.equal(readTrace(whole.join('\n'), 'docs/trace.md').at(-1)?.type, 'verdict');
  });
});

/** Names in the first column of the section's tables. */
function fieldsIn(section: string): string[] {
  return section
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .flatMap((line) => [...(line.split('|')[1] ?? '').matchAll(/`(\w+)`/g)])
    .map(([, field = '']) => field);
}
