import assert from 'node:assert/strict';
import fc from 'fast-check';
import { detailsOf, textOf, type Details } from '../../../src/views/timeline/detail/details';
import {
  entriesOf,
  leafText,
  openAtFirst,
  previewOf,
} from '../../../src/views/timeline/detail/json-nodes';
import { nameOf } from '../../../src/views/timeline/model/describe';
import { TraceModel } from '../../../src/views/timeline/model/trace-model';
import { moved } from './traces';

function details(name: string): Details {
  const model = TraceModel.of(moved);
  const item = model.all.items.find((each) => nameOf(each) === name);
  assert.ok(item, `there is no ${name}`);
  return detailsOf(item, model);
}

describe('the details of what is selected', () => {
  it('are of a command the command and its reply, and how to send it again', () => {
    const { sections, command } = details('migrate');
    assert.deepEqual(sections, [
      { label: 'Command', tone: 'plain', value: { execute: 'migrate', id: '7-3' } },
      { label: 'Reply, after 310 µs', tone: 'plain', value: { return: {}, id: '7-3' } },
    ]);
    assert.equal(command, '{"execute":"migrate"}');
  });

  it('are of a command that was refused the error', () => {
    const [, error] = details('qom-get').sections;
    assert.deepEqual([error?.label, error?.tone], ['Error, after 400 µs', 'error']);
  });

  it('are of a command without an answer the command alone', () => {
    assert.equal(details('quit').sections.length, 1);
  });

  it('are of an event its message; it cannot be sent', () => {
    const { sections, command } = details('STOP');
    assert.deepEqual(sections, [{ label: 'Event', tone: 'plain', value: { event: 'STOP' } }]);
    assert.equal(command, undefined);
  });

  it('are of output the text as it was printed', () => {
    assert.equal(details('warning: no pcid').text, 'warning: no pcid\n');
  });

  it('are of anything else its record', () => {
    const [section] = details('VNC').sections;
    assert.equal((section?.value as { type: string }).type, 'take-back');
  });

  it('as text are JSON of each part', () => {
    assert.equal(
      textOf(details('migrate')),
      '{\n  "execute": "migrate",\n  "id": "7-3"\n}\n\n{\n  "return": {},\n  "id": "7-3"\n}\n',
    );
  });
});

describe('a JSON value as a tree', () => {
  it('has entries where it is an object or an array', () => {
    assert.deepEqual(entriesOf({ a: 1 }), [{ key: 'a', value: 1 }]);
    assert.deepEqual(entriesOf(['x']), [{ key: '0', value: 'x' }]);
    assert.deepEqual(['text', 3, null, true].flatMap(entriesOf), []);
  });

  it('is open at first as far as it fits, level by level', () => {
    const big = { list: Array.from({ length: 100 }, (_, i) => i) };
    const root = { small: { a: 1 }, big };
    const open = openAtFirst(root, 10);
    assert.deepEqual([open.has(root), open.has(root.small), open.has(big)], [true, true, true]);
    assert.equal(open.has(big.list), false);
  });

  it('shows what would deceive', () => {
    assert.equal(leafText('a\u202Eb'), '"a⟨U+202E⟩b"');
    assert.equal(previewOf({ '\u200b': 1 }), '{"⟨U+200B⟩":1}');
  });

  it('has a preview of a length that fits', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.integer({ min: 2, max: 40 }), (value, longest) => {
        assert.ok(previewOf(value, longest).length <= longest);
      }),
      { seed: 3 },
    );
  });
});
