import assert from 'node:assert/strict';
import { complete } from '../../../src/qemu/schema/complete';
import { qemu100, qemu72 } from '../../support/emulators';
import { schemaOf } from '../../support/qmp-schema';

/** What is typed, `|` for the cursor, and what may come in place of the word it stands in. */
const completions: readonly (readonly [
  line: string,
  word: string,
  candidates: readonly string[],
])[] = [
  ['query-st|', 'query-st', ['query-stats ', 'query-stats-schemas ', 'query-status']],
  ['set_l|', 'set_l', ['set_link ']],
  ['set_link |', '', ['name=', 'up=']],
  ['set_link n| up=true', 'n', ['name=']],
  ['set_link up=true |', '', ['name=']],
  ['set_link name=net0 up=|', '', ['false', 'true']],
  ['set_link name=|', '', []],
  ['query-status |', '', []],
  ['nonsense |', '', []],
  ['blockdev-add driver=qc|', 'qc', ['qcow', 'qcow2']],
  [
    'blockdev-add driver=qcow2 pass|',
    'pass',
    ['pass-discard-other=', 'pass-discard-request=', 'pass-discard-snapshot='],
  ],
  [
    'blockdev-add pass| driver=qcow2',
    'pass',
    ['pass-discard-other=', 'pass-discard-request=', 'pass-discard-snapshot='],
  ],
  ['blockdev-add driver=raw pass|', 'pass', []],
  ['blockdev-add driver=qcow2 back|', 'back', ['backing.', 'backing=']],
  ['blockdev-add driver=qcow2 file.driver=file file.filen|', 'file.filen', ['file.filename=']],
  ['blockdev-add driver=qcow2 file.driver=nbd file.filen|', 'file.filen', []],
  ['migrate-set-capabilities capabilities=|', '', ['[']],
  ['migrate-set-capabilities capabilities=[{"|', '"', ['"capability": ', '"state": ']],
  ['migrate-set-capabilities capabilities=[{"capability":"x-i|', '"x-i', ['"x-ignore-shared"']],
  [
    'migrate-set-capabilities capabilities=[{"capability":"x-ignore-shared","state":|',
    '',
    ['false', 'true'],
  ],
  [
    'migrate-set-capabilities capabilities.0.c|',
    'capabilities.0.c',
    ['capabilities.0.capability='],
  ],
  ['migrate-set-capabilities capabilities.0.state=t|', 't', ['true']],
  ['{|', '', ['"arguments": ', '"execute": ']],
  ['{"ex|', '"ex', ['"execute": ']],
  ['{"execute": "set_l|', '"set_l', ['"set_link"']],
  ['{"execute": "set_link", |', '', ['"arguments": ']],
  ['{"execute": "set_link", "arguments": |', '', ['{']],
  ['{"execute": "set_link", "arguments": {"name": "a", |', '', ['"up": ']],
  ['{"execute": "set_link", "arguments": {"up": t|', 't', ['true']],
  ['{"execute": "set_link" |', '', []],
];

describe('Completion in the QMP console', () => {
  for (const [version, emulator] of [
    ['7.2', qemu72],
    ['10.0', qemu100],
  ] as const) {
    describe(`of QEMU ${version}`, () => {
      const schema = schemaOf(emulator);
      for (const [marked, word, texts] of completions) {
        it(marked, () => {
          const cursor = marked.indexOf('|');
          const line = marked.replace('|', '');
          const { start, end, candidates } = complete(schema, line, cursor);
          assert.deepEqual(
            candidates.map(({ text }) => text),
            texts,
          );
          if (texts.length > 0) assert.equal(line.slice(start, end), word);
        });
      }

      it('offers every command on an empty line', () => {
        assert.equal(complete(schema, '', 0).candidates.length, schema.commands.size);
      });

      it('says what an argument is', () => {
        const { candidates } = complete(schema, 'blockdev-add driver=qcow2 lazy', 30);
        assert.deepEqual(candidates, [{ text: 'lazy-refcounts=', hint: 'optional true|false' }]);
      });
    });
  }
});
