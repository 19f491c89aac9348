import assert from 'node:assert/strict';
import { asLabel, asMessage, shortName } from '../../src/extension/safe-text';

describe('names that attack', () => {
  it('are no links in a message', () => {
    const name = '[free VM](command:workbench.action.quit)';
    // What VS Code takes for a link.
    assert.doesNotMatch(asMessage(name), /\[([^\]]+)\]\((?:https?:\/\/|command:|file:)/);
    assert.ok(asMessage(name).includes('free VM'));
  });

  it('are no icons in a label', () => {
    assert.equal(asLabel('$(reboot)'), '\\$(reboot)');
  });

  it('do not steer what is around them', () => {
    for (const text of [asLabel('a\u202eb\nc'), asMessage('a\u202eb\nc'), shortName('a\u202eb\nc')])
      assert.doesNotMatch(text, /[\u202e\n]/);
  });

  it('are cut where they are long', () => {
    assert.ok(shortName('x'.repeat(4_000)).length < 100);
  });
});
