import assert from 'node:assert/strict';
import { QmpError } from '../../../src/qemu/qmp/errors';
import { parseQmpSchema } from '../../../src/qemu/schema/schema';
import { qemu100, qemu72 } from '../../support/emulators';
import { schemaOf } from '../../support/qmp-schema';

describe('The schema of a running QEMU', () => {
  for (const [version, emulator] of [
    ['7.2', qemu72],
    ['10.0', qemu100],
  ] as const) {
    describe(version, () => {
      const schema = schemaOf(emulator);
      const membersOf = (command: string, given: Record<string, string> = {}) => {
        const type = schema.type(schema.commands.get(command)?.argumentType ?? '');
        assert.equal(type.kind, 'object', command);
        return schema.membersOf(type, new Map(Object.entries(given)));
      };

      it('has commands and events', () => {
        assert.ok(schema.commands.size > 200);
        assert.ok(schema.commands.has('query-status'));
        assert.ok(schema.events.has('STOP'));
      });

      it('tells which arguments a command needs, and of which types', () => {
        const told = membersOf('set_link').map(({ name, type, optional }) => [
          name,
          schema.describe(type),
          optional,
        ]);
        assert.deepEqual(told, [
          ['name', 'string', false],
          ['up', 'true|false', false],
        ]);
        assert.deepEqual(membersOf('query-status'), []);
        const detach = membersOf('migrate').find(({ name }) => name === 'detach');
        assert.equal(detach?.optional, true);
      });

      it('has other members for each value of a tag', () => {
        const names = (given: Record<string, string>) =>
          membersOf('netdev_add', given).map(({ name }) => name);
        assert.ok(!names({}).includes('hostfwd'));
        assert.ok(names({ type: 'user' }).includes('hostfwd'));
        assert.ok(names({ type: 'tap' }).includes('ifname'));
        assert.ok(!names({ type: 'tap' }).includes('hostfwd'));
      });

      it('describes lists, choices and alternatives', () => {
        const [capabilities] = membersOf('migrate-set-capabilities');
        assert.equal(schema.describe(capabilities?.type ?? ''), 'list of object');
        const options = membersOf('blockdev-add', { driver: 'qcow2' });
        const describe = (member: string) =>
          schema.describe(options.find(({ name }) => name === member)?.type ?? '');
        assert.equal(describe('discard'), 'ignore|unmap');
        assert.equal(describe('backing'), 'object or string or null');
        assert.match(describe('driver'), /^one of \d\d$/);
      });
    });
  }

  it('leaves out what it does not know, and takes a type that is missing for anything', () => {
    const schema = parseQmpSchema([
      { 'meta-type': 'command', name: 'new', 'arg-type': 'gone', 'ret-type': '0' },
      { 'meta-type': 'rocket', name: '7' },
      'nonsense',
    ]);
    assert.deepEqual([...schema.commands.keys()], ['new']);
    assert.equal(schema.describe('gone'), 'anything');
  });

  it('is no answer that is no list', () => {
    assert.throws(
      () => parseQmpSchema({}),
      (error) => error instanceof QmpError && error.code === 'NOT_QMP',
    );
  });
});
