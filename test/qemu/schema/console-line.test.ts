import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseConsoleLine } from '../../../src/qemu/schema/console-line';
import { qemu72 } from '../../support/emulators';
import { schemaOf } from '../../support/qmp-schema';

/** What is typed, and the arguments it gives. */
const commands: readonly (readonly [line: string, args: object | undefined])[] = [
  ['c', undefined],
  ['  c  ', undefined],
  [
    'c a=1 b=-1.5e3 c=true d=false e=null f=text',
    { a: 1, b: -1500, c: true, d: false, e: null, f: 'text' },
  ],
  ['c a=1.2.3 b=0x10 c=007', { a: '1.2.3', b: '0x10', c: '007' }],
  ['c a= b==', { a: '', b: '=' }],
  [`c a='x "y" z' b="1"`, { a: 'x "y" z', b: '1' }],
  [String.raw`c a="line\nbreak \"q\" ü"`, { a: 'line\nbreak "q" ü' }],
  ['c a={"b": [1, {"c": "} ]"}]} d=1', { a: { b: [1, { c: '} ]' }] }, d: 1 }],
  ['c a.b.c=1 a.d=2', { a: { b: { c: 1 }, d: 2 } }],
  ['c l.0.x=a l.1.x=b', { l: [{ x: 'a' }, { x: 'b' }] }],
  ['c l.1=a', { l: { 1: 'a' } }],
  ['{"execute": "c"}', undefined],
  ['  {"execute": "c", "arguments": {"a": 1}, "id": 7} ', { a: 1 }],
  ['{"exec-oob": "c"}', undefined],
];

/** What is typed, and the offset of what is wrong with it. */
const mistakes: readonly (readonly [line: string, position: number, message: RegExp])[] = [
  ['', 0, /no command/],
  ['c a', 2, /"a" has no value/],
  ['c x=1 =2', 6, /no name/],
  ['c a.=1', 2, /no name/],
  ['c a..b=1', 2, /no name/],
  ['c a=1 a=2', 6, /twice/],
  ['c a=1 a.b=2', 6, /twice/],
  ['c a.b=1 a=2', 8, /twice/],
  ['c a=[1, 2', 4, /does not end/],
  ['c a="x', 4, /does not end/],
  ["c a='x", 4, /does not end/],
  ['c a=[1,,2]', 7, /no JSON/],
  ['c a={"b" 1}', 9, /no JSON/],
  ['{"execute": "c"', 15, /no JSON/],
  ['{"execute": 1}', 0, /"execute"/],
  ['{"execute": "c", "arguments": [1]}', 0, /"execute"/],
];

describe('A line of the QMP console', () => {
  for (const [line, args] of commands) {
    it(`is a command: ${line}`, () => {
      assert.deepEqual(parseConsoleLine(line), { kind: 'command', command: 'c', arguments: args });
    });
  }

  for (const [line, position, message] of mistakes) {
    it(`is none, and says where: ${line}`, () => {
      const parsed = parseConsoleLine(line);
      assert.equal(parsed.kind, 'error');
      assert.equal(parsed.position, position, parsed.message);
      assert.match(parsed.message, message);
    });
  }

  it('leaves text as it is where QEMU wants text', () => {
    const schema = schemaOf(qemu72);
    const argumentsOf = (line: string) => {
      const parsed = parseConsoleLine(line, schema);
      assert.equal(parsed.kind, 'command');
      return parsed.arguments;
    };
    assert.deepEqual(argumentsOf('set_link name=1 up=true'), { name: '1', up: true });
    assert.deepEqual(argumentsOf('netdev_add id=1 type=user hostname=2 ipv6=true'), {
      ...{ id: '1', type: 'user', hostname: '2', ipv6: true },
    });
    assert.deepEqual(argumentsOf('qom-set path=/x property=1 value=1'), {
      ...{ path: '/x', property: '1', value: 1 },
    });
  });

  it('never makes an argument a property that all objects have', () => {
    const parsed = parseConsoleLine('c __proto__.polluted=1');
    assert.equal(parsed.kind, 'command');
    assert.equal('polluted' in {}, false);
    assert.equal(JSON.stringify(parsed.arguments), '{"__proto__":{"polluted":1}}');
  });

  it('gives back any JSON that is typed as a value', () => {
    fc.assert(
      fc.property(fc.oneof(fc.array(fc.jsonValue()), fc.object({ maxDepth: 3 })), (value) => {
        const json = JSON.stringify(value);
        const parsed = parseConsoleLine(`c v=${json} w=1`);
        assert.equal(parsed.kind, 'command');
        assert.equal(
          JSON.stringify(parsed.arguments),
          `{"v":${JSON.stringify(JSON.parse(json))},"w":1}`,
        );
      }),
      { seed: 7, numRuns: 200 },
    );
  });

  it('is either a command or a mistake within it, whatever is typed', () => {
    const word = fc.constantFrom(
      'c',
      ' ',
      '=',
      '.',
      '{',
      '}',
      '[',
      ']',
      '"',
      "'",
      '\\',
      ',',
      'a',
      '1',
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 20 }), (words) => {
        const line = words.join('');
        const parsed = parseConsoleLine(line);
        if (parsed.kind === 'command') return;
        assert.ok(parsed.position >= 0 && parsed.position <= line.length);
      }),
      { seed: 7, numRuns: 2000 },
    );
  });
});
