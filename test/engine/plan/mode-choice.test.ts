import assert from 'node:assert/strict';
import type { Mode } from '../../../src/engine/mode';
import { codes, emulator100, emulator72, planOf } from './fixture';

const file =
  '-M q35,memory-backend=r -object memory-backend-file,id=r,size=1M,mem-path=/dev/shm/r,share=on';
const memfd = '-M q35,memory-backend=r,aux-ram-share=on -object memory-backend-memfd,id=r,size=1M';
const mapped = { ram: { mappedFiles: new Set(['/dev/shm/r']) } };
const newer = { from: emulator100, to: emulator100 };

function reasonAgainst(mode: Mode, definition: string, how?: Parameters<typeof planOf>[1]): string {
  const plan = planOf(definition, how);
  const faster = plan.fasterModes.find((other) => other.mode === mode);
  assert(faster, `${mode} was ${plan.mode === mode ? 'taken' : 'not looked at'}`);
  return faster.reason;
}

describe('The mode', () => {
  it('is ignore-shared where both map one file', () => {
    const plan = planOf(file, { evidence: mapped });
    assert.equal(plan.mode, 'ignore-shared');
    assert.deepEqual(plan.fasterModes, []);
    assert(!codes(plan.warnings).includes('RAM_FILE_ASSUMED'));
  });

  it('is ignore-shared for a text too, with the assumption named', () => {
    assert(codes(planOf(file).warnings).includes('RAM_FILE_ASSUMED'));
  });

  it('is cpr-transfer for a shared memfd, where the source was started for it', () => {
    const plan = planOf(memfd, { ...newer, evidence: { auxRamShare: true } });
    assert.equal(plan.mode, 'cpr-transfer');
    assert.deepEqual(
      plan.fasterModes.map(({ mode }) => mode),
      ['ignore-shared'],
    );
  });

  it('is precopy for all else', () => {
    const plan = planOf('-M q35');
    assert.equal(plan.mode, 'precopy');
    assert.deepEqual(
      plan.fasterModes.map(({ mode }) => mode),
      ['ignore-shared', 'cpr-transfer'],
    );
  });

  it('is the one that was asked for', () => {
    const plan = planOf(file, { mode: 'precopy', evidence: mapped });
    assert.equal(plan.mode, 'precopy');
    assert.equal(plan.fasterModes[0]?.reason, 'precopy was asked for');
    assert.deepEqual(plan.blockers, []);
  });

  for (const [definition, mode, isAtRisk] of [
    ['-M q35', 'precopy', true],
    ['-M q35,accel=tcg', 'postcopy', true],
    ['-M q35 -accel tcg,thread=multi', 'precopy', true],
    ['-M q35 -accel kvm -accel tcg', 'precopy', false],
    ['-M q35,accel=kvm:tcg', 'precopy', false],
    ['-M q35 -enable-kvm', 'precopy', false],
    [file, 'ignore-shared', false],
  ] as const) {
    it(`${isAtRisk ? 'is' : 'is not'} a risk for the RAM: ${mode} of ${definition}`, () => {
      const { warnings } = planOf(definition, { mode, evidence: mapped });
      assert.equal(codes(warnings).includes('TCG_COPY_RISK'), isAtRisk);
    });
  }

  it('is no such risk from QEMU 10.0 on', () => {
    const { warnings } = planOf('-M q35', { ...newer, mode: 'precopy' });
    assert(!codes(warnings).includes('TCG_COPY_RISK'));
  });

  it('is refused where it was asked for and does not fit', () => {
    const { mode, blockers } = planOf('-M q35', { mode: 'ignore-shared' });
    assert.equal(mode, 'ignore-shared');
    assert.deepEqual(codes(blockers), ['MODE_NOT_POSSIBLE']);
    assert.match(blockers[0]?.message ?? '', /anonymous memory: start the domain with/);
  });

  describe('ignore-shared is not taken for', () => {
    const privately = file.replace('share=on', 'share=off');
    const withDimm = `${file} -object memory-backend-ram,id=dimm,size=1M -device pc-dimm,memdev=dimm`;
    for (const [what, definition, reason] of [
      ['anonymous memory', '-M q35', /anonymous memory/],
      ['-mem-path', '-M q35 -mem-path /dev/hugepages', /-mem-path maps .* privately/],
      ['a file that is mapped privately', privately, /'r' is mapped privately: use share=on/],
      ['a memfd', memfd, /'r' is a memory-backend-memfd/],
      ['memory devices of another sort', withDimm, /'dimm' is a memory-backend-ram/],
    ] as const) {
      it(what, () => {
        assert.match(reasonAgainst('ignore-shared', definition, { evidence: mapped }), reason);
      });
    }

    it('a file that the source does not map', () => {
      assert.match(reasonAgainst('ignore-shared', file, { evidence: {} }), /does not map the file/);
    });

    it('a file that the source empties when it ends', () => {
      assert.match(
        reasonAgainst('ignore-shared', `${file},discard-data=on`, { evidence: mapped }),
        /emptied when the source ends/,
      );
    });

    it('an emulator without the capability', () => {
      const without = { ...emulator100, migrationCapabilities: new Set<string>() };
      assert.match(
        reasonAgainst('ignore-shared', file, { to: without }),
        /10\.0\.13.*x-ignore-shared/,
      );
    });
  });

  describe('cpr-transfer is not taken for', () => {
    const shared = { auxRamShare: true };
    it('an emulator without it, on either side', () => {
      for (const how of [{ from: emulator72 }, { from: emulator100, to: emulator72 }]) {
        assert.match(
          reasonAgainst('cpr-transfer', memfd, how),
          /QEMU 7\.2\.22\) does not have cpr-transfer/,
        );
      }
    });
    it('a source that was not started for it', () => {
      const how = { ...newer, evidence: { auxRamShare: false } };
      assert.match(reasonAgainst('cpr-transfer', memfd, how), /without -machine aux-ram-share=on/);
    });
    it('a file that the source empties when it ends', () => {
      const emptied = `${file.replace('q35', 'q35,aux-ram-share=on')},discard-data=on`;
      assert.match(
        reasonAgainst('cpr-transfer', emptied, { ...newer, evidence: { auxRamShare: true } }),
        /emptied when the source ends/,
      );
    });

    it('RAM that is not shared', () => {
      const how = { ...newer, evidence: shared };
      assert.match(reasonAgainst('cpr-transfer', '-M q35', how), /anonymous memory/);
      assert.match(
        reasonAgainst('cpr-transfer', `${memfd},share=off`, how),
        /'r' is mapped privately/,
      );
    });
  });

  describe('decides what becomes of a RAM file', () => {
    const target = (mode: Mode, evidence = mapped) =>
      planOf(file, { mode, evidence }).resources.find(({ kind }) => kind === 'ram');

    it('ignore-shared: both map it', () => {
      assert.equal(target('ignore-shared')?.action, 'share');
    });
    it('precopy: the target has another, in the same folder', () => {
      assert.equal(target('precopy')?.target, '/dev/shm/r.sidestep-8');
    });
    it('precopy, where it is persistent memory of the guest: refused', () => {
      const nvdimm = `${file} -object memory-backend-file,id=n,size=1M,mem-path=/vm/nv,share=on -device nvdimm,memdev=n`;
      const evidence = { ram: { mappedFiles: new Set(['/dev/shm/r', '/vm/nv']) } };
      assert(
        codes(planOf(nvdimm, { mode: 'precopy', evidence }).blockers).includes('PERSISTENT_MEMORY'),
      );
      assert.deepEqual(planOf(nvdimm, { evidence }).blockers, []);
    });

    it('precopy, given a folder: each has a file without a name there', () => {
      assert.equal(target('precopy', { ram: { mappedFiles: new Set() } })?.action, 'share');
    });
  });
});
