import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { relayCommand } from '../../src/host/ssh/remote/relay';
import { commandLine } from '../../src/host/ssh/remote/words';

describe('a command line for any login shell', () => {
  const words = ['a b', '', '"double"', '$HOME', '$(id)', '`id`', '*', '~', ';', '#', '-n', '%s'];

  for (const shell of ['sh', 'bash', 'csh']) {
    it(`gives ${shell} its words as they are`, () => {
      const command = commandLine(['printf', '<%s>', ...words]);
      const printed = execFileSync(shell, ['-c', command], { encoding: 'utf8' });
      assert.equal(printed, words.map((word) => `<${word}>`).join(''));
    });
  }

  it('is not made of what the shells do not agree on', () => {
    for (const word of ["it's", 'back\\slash', 'wow!', 'two\nlines', 'ü']) {
      assert.throws(() => commandLine([word]));
    }
  });

  it('of a relay never has a name in it that a shell or socat would read', () => {
    for (const name of ["/a'b", '/a b', '/a,b', '/a:b', '/a!!b', '/$(id)', '/ü', '-/a', '/a"b']) {
      const command = relayCommand({ unix: name }, ['socat', 'nc'], false);
      assert.match(command, /^'python3' /);
      assert.ok(!command.includes(name), command);
    }
  });
});
