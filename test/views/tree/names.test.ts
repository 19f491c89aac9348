import assert from 'node:assert/strict';
import fc from 'fast-check';
import { labelText, nameAndFolder, withoutIcons } from '../../../src/views/text';
import { columnsOf } from '../../../src/engine/text/width';
import { idOf } from '../../../src/views/tree/node';
import { all, domain, holdingsOf, localHost, only, overview, trace, tree } from './fixture';

/** Names that would be more than text, were they not only shown. */
const names = [
  '<img src=x onerror=alert(1)>',
  '$(trash) $(reboot)',
  '[run](command:workbench.action.quit)',
  'evil\u202egnp.exe',
  'two\nlines\r\n\tand \x1b[31mred\x1b[0m',
  'zero\u200bwidth\u2066',
  'x'.repeat(4_000),
  '漢'.repeat(4_000),
  '',
];

/** What steers the text around it, or cannot be seen. */
const unsafe = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

describe('names of others in the tree', () => {
  for (const name of names) {
    it(`are text: ${labelText(name, 30)}`, () => {
      assertSafe(name);
    });
  }

  it('are text, whatever they are', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), assertSafe), { seed: 6, numRuns: 50 });
  });

  it('are whole in what commands get', () => {
    for (const name of names) {
      const { node } = only(tree(localHost(), overview([domain(name)])), 'domain');
      assert.ok(node.kind === 'domain');
      assert.equal(node.name, name);
    }
  });

  it('show what cannot be seen', () => {
    assert.equal(labelText('evil\u202egnp.exe'), 'evil\\u{202e}gnp.exe');
    assert.equal(labelText('two\nlines\x1b'), 'two\\nlines\\x1b');
  });

  it('become no icons where VS Code would make some of them', () => {
    assert.equal(withoutIcons('$(trash) and $(x)'), '\\$(trash) and \\$(x)');
  });
});

describe('an address in a row', () => {
  for (const [address, name, folder] of [
    ['/run/sidestep/instances/7/qmp.sock', 'qmp.sock', '/run/sidestep/instances/7'],
    ['/vm.pid', 'vm.pid', '/'],
    ['/vms/', '/vms/', undefined],
    ['127.0.0.1:5901', '127.0.0.1:5901', undefined],
    ['nbd:unix:/run/nbd.sock', 'nbd:unix:/run/nbd.sock', undefined],
    ['', '', undefined],
  ] as const) {
    it(`is ${name} for ${address}`, () => {
      assert.deepEqual(nameAndFolder(address), { name, folder });
    });
  }
});

function assertSafe(name: string): void {
  const one = domain(name);
  const path = { kind: 'disk', option: '-drive', address: `/${name}`, action: 'share' } as const;
  const shown = tree(
    { ...localHost(), id: name, label: name, destination: name },
    {
      ...overview([one], [{ ...trace('20261123T081502Z-devbox-6'), domain: name }]),
      ...holdingsOf(one, [{ ...path, reason: name, target: `${name}/8` }]),
    },
  );
  for (const { look } of all(shown)) {
    const { label, description, tooltip, accessibilityLabel } = look;
    for (const text of [label, description, accessibilityLabel, ...tooltip.split('\n')]) {
      assert.doesNotMatch(text, unsafe);
    }
    assert.ok(columnsOf(label) <= 120, `${label.length} characters`);
    assert.doesNotMatch(look.contextValue, /[^\w -]/);
  }
  const ids = all(shown).map(({ node }) => idOf(node));
  assert.equal(new Set(ids).size, ids.length);
}
