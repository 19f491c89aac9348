import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { defaultMachine, resolveMachine } from '../../src/qemu/emulator';
import {
  EmulatorError,
  parseProbe,
  parseSerializedEmulator,
  probeCommand,
  probeInput,
  serializeEmulator,
} from '../../src/qemu/emulator-probe';
import { qemu72, qemu100 } from '../support/emulators';

function probe(path: string): string {
  const [program = '', ...args] = probeCommand(path);
  const { status, stdout } = spawnSync(program, args, {
    input: probeInput(),
    encoding: 'utf8',
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  assert.equal(status, 0);
  return stdout;
}

/** What a QEMU prints that has next to nothing, with each query's return to be replaced. */
function printed(returns: Record<string, unknown> = {}): string {
  const all: Record<string, unknown> = {
    'query-version': { qemu: { major: 5, minor: 0, micro: 1 }, package: '' },
    'query-target': { arch: 'x86_64' },
    'query-machines': [{ name: 'none', 'cpu-max': 1 }],
    'query-migrate-capabilities': [],
    'query-command-line-options': [],
    'query-qmp-schema': [],
    ...returns,
  };
  return Object.entries(all)
    .filter(([, value]) => value !== undefined)
    .map(([id, value]) => `${JSON.stringify({ return: value, id })}\r\n`)
    .join('');
}

const saying = (message: RegExp) => (error: unknown) => {
  assert.ok(error instanceof EmulatorError);
  assert.equal(error.path, '/bin/q');
  assert.match(error.message, message);
  return true;
};

describe('emulator probe', () => {
  it('finds what QEMU 7.2 is and can do', () => {
    const emulator = parseProbe(qemu72, probe(qemu72));
    assert.equal(emulator.path, qemu72);
    assert.match(emulator.version, /^7\.2\.\d+$/);
    assert.match(emulator.package, /^Debian /);
    assert.equal(emulator.target, 'x86_64');
    assert.deepEqual(resolveMachine(emulator, 'q35'), {
      name: 'pc-q35-7.2',
      alias: 'q35',
      isDefault: false,
      deprecated: false,
      defaultRamId: 'pc.ram',
      defaultCpuType: 'qemu64-x86_64-cpu',
    });
    assert.equal(defaultMachine(emulator)?.name, 'pc-i440fx-7.2');
    assert.ok(emulator.migrationCapabilities.has('x-ignore-shared'));
    assert.ok(emulator.migrationParameters.has('downtime-limit'));
    assert.ok(!emulator.migrationParameters.has('mode'));
    assert.deepEqual([...emulator.migrationModes], []);
    assert.ok(emulator.commands.has('display-update'));
    assert.ok(emulator.options.get('machine')?.has('mem-merge'));
    assert.ok(!emulator.options.get('machine')?.has('aux-ram-share'));
  });

  it('finds what QEMU 10.0 is and can do', () => {
    const emulator = parseProbe(qemu100, probe(qemu100));
    assert.match(emulator.version, /^10\.0\.\d+$/);
    assert.equal(resolveMachine(emulator, 'q35')?.name, 'pc-q35-10.0');
    assert.equal(resolveMachine(emulator, 'pc-q35-7.2')?.deprecated, false);
    assert.equal(resolveMachine(emulator, 'pc-q35-5.2')?.deprecated, true);
    assert.ok(emulator.migrationCapabilities.has('x-ignore-shared'));
    assert.ok(emulator.migrationParameters.has('mode'));
    assert.deepEqual([...emulator.migrationModes], ['normal', 'cpr-reboot', 'cpr-transfer']);
    assert.ok(emulator.options.get('machine')?.has('aux-ram-share'));
  });

  it('loses no reply to a slow reader, though they are more than a pipe holds', () => {
    const { stdout } = spawnSync(
      'sh',
      ['-c', '"$@" | (sleep 0.3; cat)', 'sh', ...probeCommand(qemu72)],
      {
        input: probeInput(),
        encoding: 'utf8',
      },
    );
    assert.ok(stdout.length > 2 * 65536);
    assert.deepEqual(parseProbe(qemu72, stdout), parseProbe(qemu72, probe(qemu72)));
  });

  it('passes on the exit status of a program that cannot be run', () => {
    const [program = '', ...args] = probeCommand('/nonexistent/qemu');
    assert.equal(spawnSync(program, args, { input: probeInput() }).status, 127);
  });

  it('reads an old QEMU, which leaves much out', () => {
    const emulator = parseProbe('/bin/q', printed());
    assert.equal(emulator.version, '5.0.1');
    assert.deepEqual(emulator.machines, [
      {
        name: 'none',
        alias: undefined,
        isDefault: false,
        deprecated: false,
        defaultRamId: undefined,
        defaultCpuType: undefined,
      },
    ]);
    assert.deepEqual([...emulator.migrationParameters], []);
  });

  it('finds the migration modes behind the masked names of the schema', () => {
    const arg = { name: '7', 'meta-type': 'object', members: [{ name: 'mode', type: '9' }] };
    const command = { name: 'migrate-set-parameters', 'meta-type': 'command', 'arg-type': '7' };
    for (const names of [
      { members: [{ name: 'normal' }, { name: 'local' }] },
      { values: ['normal', 'local'] },
    ]) {
      const schema = [command, arg, { name: '9', 'meta-type': 'enum', ...names }];
      const emulator = parseProbe('/bin/q', printed({ 'query-qmp-schema': schema }));
      assert.deepEqual([...emulator.migrationModes], ['normal', 'local']);
      assert.deepEqual([...emulator.commands], ['migrate-set-parameters']);
    }
  });

  it('says what is wrong with a program that is no QEMU', () => {
    const parse = (stdout: string) => () => parseProbe('/bin/q', stdout);
    assert.throws(parse(''), saying(/^\/bin\/q printed nothing\.$/));
    assert.throws(parse('hello\n'), saying(/does not speak QMP/));
    assert.throws(parse('{"a":1}'), saying(/does not speak QMP/));
    assert.throws(
      parse(printed({ 'query-target': undefined })),
      saying(/did not answer "query-target"/),
    );
    assert.throws(
      parse(printed({ 'query-target': {} })),
      saying(/answered "query-target" in a form we do not know/),
    );
    assert.throws(
      parse('{"id":"query-target","error":{"class":"GenericError","desc":"no"}}'),
      saying(/^\/bin\/q failed "query-target": no$/),
    );
    const whole = printed();
    assert.throws(parse(whole.slice(0, -10)), saying(/did not answer "query-qmp-schema"/));
  });
});

describe('a remembered emulator', () => {
  const emulator = parseProbe(
    '/bin/q',
    printed({
      'query-machines': [{ name: 'pc-1', alias: 'pc' }, { name: 'none' }],
      'query-command-line-options': [{ option: 'machine', parameters: [{ name: 'type' }] }],
    }),
  );

  it('is what it was', () => {
    assert.deepEqual(parseSerializedEmulator(serializeEmulator(emulator)), emulator);
  });

  it('is none if the text is damaged or of another version', () => {
    const text = serializeEmulator(emulator);
    assert.equal(parseSerializedEmulator(text.slice(0, -1)), undefined);
    assert.equal(parseSerializedEmulator('null'), undefined);
    assert.equal(parseSerializedEmulator(text.replace('"target"', '"tar"')), undefined);
    assert.equal(
      parseSerializedEmulator(text.replace(/"formatVersion":\d+/, '"formatVersion":99')),
      undefined,
    );
  });
});
