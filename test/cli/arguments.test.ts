import assert from 'node:assert/strict';
import {
  findOperand,
  parseArguments,
  parseChoice,
  parseSeconds,
  usageOf,
} from '../../src/cli/arguments';
import { UsageError } from '../../src/cli/usage-error';

const options = {
  emulator: { value: 'BIN', help: 'a binary' },
  json: { help: 'as JSON' },
  live: { help: 'live', required: 'it is so' },
  help: { help: 'help' },
} as const;
const syntax = { name: 'go', options, operands: ['A', '[B]'] } as const;
const withRest = {
  name: 'run',
  options: { emulator: options.emulator },
  operands: ['A'],
  rest: 'ARGS',
};

const usageError = (message: string) => (error: unknown) => {
  assert.ok(error instanceof UsageError, String(error));
  assert.equal(error.message, message);
  return true;
};

describe('command-line arguments', () => {
  const parse = (...words: string[]) => parseArguments(words, syntax, 'usage');

  it('takes options before, between and behind operands, in both forms', () => {
    for (const words of [
      ['--live', '--emulator', '/bin/q', 'a', 'b'],
      ['a', '--emulator=/bin/q', '--live', 'b'],
      ['a', 'b', '--live', '--emulator', '/bin/q'],
      ['--live', '--emulator', 'first', 'a', '--emulator=/bin/q', '--', 'b'],
    ]) {
      const { values, operands } = parse(...words);
      assert.deepEqual(values, { emulator: '/bin/q', json: false, live: true, help: false });
      assert.deepEqual(operands, ['a', 'b'], words.join(' '));
    }
  });

  it('takes what looks like an option as an operand behind --, and a lone - anywhere', () => {
    assert.deepEqual(parse('--live', '-', '--', '--odd').operands, ['-', '--odd']);
  });

  it('keeps = and spaces within a value', () => {
    assert.equal(parse('--live', 'a', '--emulator=x=y z').values.emulator, 'x=y z');
  });

  it('leaves what is behind -- to a command that has a use for it', () => {
    const { operands, rest } = parseArguments(['a', '--', '-m', '1', '--', 'x'], withRest, '');
    assert.deepEqual({ operands, rest }, { operands: ['a'], rest: ['-m', '1', '--', 'x'] });
  });

  for (const [words, message] of [
    [['a', '--live', '--emulato', 'x'], 'go has no option --emulato.'],
    [['a', '--live', '--emulato=x'], 'go has no option --emulato.'],
    [['a', '--live', '-j'], 'go has no option -j.'],
    [['a', '--live', '--constructor'], 'go has no option --constructor.'],
    [['a', '--live', '--emulator'], '--emulator needs a value: --emulator BIN.'],
    [['a', '--live', '--emulator='], '--emulator needs a value: --emulator BIN.'],
    [['a', '--emulator', '--live'], '--emulator needs a value: --emulator BIN.'],
    [['a', '--live=yes'], '--live takes no value.'],
    [['--live'], 'go needs A.'],
    [['a', 'b', 'c', '--live'], 'go does not know what to do with "c".'],
    [['a', '', '--live'], 'go was given an empty argument.'],
    [['a'], 'go needs --live: it is so.'],
  ] as const) {
    it(`refuses ${JSON.stringify(words.join(' '))}`, () => {
      assert.throws(() => parse(...words), usageError(message));
    });
  }

  it('says where the arguments of another program belong', () => {
    assert.throws(
      () => parseArguments(['a', '-m', '1'], withRest, ''),
      usageError('run has no option -m; ARGS stand behind --.'),
    );
    assert.throws(
      () => parseArguments(['a'], withRest, ''),
      usageError('run needs ARGS behind --.'),
    );
  });

  it('asks for nothing more when help is asked for', () => {
    assert.equal(parse('--help').values.help, true);
  });

  it('finds the command behind the options that may stand before it', () => {
    assert.equal(findOperand(['--emulator', 'x', '--json', 'list', 'y'], options), 3);
    assert.equal(findOperand(['--emulator=x', 'list'], options), 1);
    assert.equal(findOperand(['--json'], options), -1);
    assert.equal(findOperand(['--', 'list'], options), -1);
  });

  it('writes down how a command is typed', () => {
    assert.equal(usageOf(syntax), 'sidestep go --live A [B] [--emulator BIN] [--json] [--help]');
    assert.equal(usageOf(withRest), 'sidestep run A [--emulator BIN] -- ARGS...');
  });

  it('reads seconds', () => {
    assert.equal(parseSeconds('timeout', '2'), 2000);
    assert.equal(parseSeconds('timeout', '0.25'), 250);
    for (const text of ['0', '-1', '1s', 'NaN', 'Infinity', '1e3', '0x10', '99999999']) {
      assert.throws(() => parseSeconds('timeout', text), UsageError, text);
    }
  });

  it('reads one of several words', () => {
    assert.equal(parseChoice('mode', 'b', ['a', 'b']), 'b');
    assert.throws(
      () => parseChoice('mode', 'c', ['a', 'b']),
      usageError('--mode takes one of a, b, not "c".'),
    );
  });
});
