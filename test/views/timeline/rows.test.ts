import assert from 'node:assert/strict';
import { TraceModel } from '../../../src/views/timeline/model/trace-model';
import { rowOf, type Row } from '../../../src/views/timeline/traffic/rows';
import { at, command, event, header, moved, plan, reply } from './traces';

function row(name: string, sinceUs = 0): Row {
  const model = TraceModel.of(moved);
  const rows = model.all.items.map((item) => rowOf(item, model, model.lastUs, sinceUs));
  const found = rows.find((each) => each.name === name);
  assert.ok(found, `there is no ${name}`);
  return found;
}

describe("a row of the timeline's list", () => {
  it('of a command has its instance, how long the answer took, and both their sizes', () => {
    assert.deepEqual(row('migrate'), {
      time: '84.400',
      instance: '#7',
      side: 'source',
      tone: 'command',
      name: 'migrate',
      detail: '',
      duration: '310 µs',
      size: '90 B',
      spoken: 'migrate, QMP command · #7 source, 310 µs, from 84.400 to 84.710 ms',
    });
  });

  it('of a command that was refused says why', () => {
    const { tone, detail } = row('qom-get');
    assert.deepEqual([tone, detail], ['error', 'not so']);
  });

  it('of an event has what comes with it', () => {
    const model = TraceModel.of([header, plan, event(1, 7, 'SHUTDOWN', { guest: false })]);
    const [item] = model.all.items;
    assert.ok(item);
    const { tone, detail, duration } = rowOf(item, model, 1, 0);
    assert.deepEqual([tone, detail, duration], ['event', '{"guest":false}', '']);
  });

  it('counts the time from what is selected', () => {
    assert.equal(row('RESUME', 87_500).time, '+2.400');
    assert.equal(row('migrate', 87_500).time, '-3.100');
  });

  it('of a command has the answer also if that was read after the process had ended', () => {
    const model = TraceModel.of([
      header,
      command(1000, 7, 'quit', '7-1'),
      at(2000, { type: 'process', instance: 7, edge: 'exit', pid: 4182 }),
      reply(2100, 7, 'quit', '7-1'),
    ]);
    const [item] = model.all.items;
    assert.ok(item);
    const { tone, duration, size } = rowOf(item, model, model.lastUs, 0);
    assert.deepEqual([tone, duration, size], ['command', '1.1 ms', '90 B']);
  });

  it('of a command that is not answered yet counts on', () => {
    const model = TraceModel.of([header, command(1000, 7, 'migrate', '7-1')]);
    const [item] = model.all.items;
    assert.ok(item);
    assert.equal(rowOf(item, model, 6000, 0).duration, '5 ms …');
  });

  it('of what QEMU printed leaves out which program that is', () => {
    for (const program of ['qemu-system-x86_64', 'qemu-10', '/opt/qemu/bin/qemu-kvm']) {
      const text = `${program}: load of migration failed: Invalid argument\n`;
      const model = TraceModel.of([header, at(1, { type: 'output', instance: 8, text })]);
      const [item] = model.all.items;
      assert.ok(item);
      assert.equal(rowOf(item, model, 1, 0).name, 'load of migration failed: Invalid argument');
    }
  });

  it('is one line, however long and strange the text is', () => {
    const text = `\u202Eevil\n<b>&amp;${'x'.repeat(4000)}`;
    const model = TraceModel.of([header, at(1, { type: 'output', instance: 8, text })]);
    const [item] = model.all.items;
    assert.ok(item);
    const { name, spoken } = rowOf(item, model, 1, 0);
    assert.ok(name.startsWith('⟨U+202E⟩evil <b>&amp;xxx'), name);
    for (const line of [name, spoken]) {
      assert.ok(line.length < 300);
      assert.doesNotMatch(line, /[\n\u202e]/);
    }
  });
});
