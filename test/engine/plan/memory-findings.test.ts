import assert from 'node:assert/strict';
import { codes, evidence, planOf } from './fixture';

const GiB = 2 ** 30;

describe('memory for two', () => {
  const plan = (definition: string, memory: Partial<typeof evidence.memory>, mode = 'precopy') =>
    planOf(`-accel kvm -nodefaults -display none ${definition}`, {
      mode: mode as 'precopy',
      evidence: { memory: { ...evidence.memory, ...memory } },
    });
  const short = { available: 3 * GiB, resident: 2 * GiB };

  it('is there: nothing is said', () => {
    const { blockers, warnings } = plan('-m 2G', short);
    assert.deepEqual(codes([...blockers, ...warnings]), []);
  });

  it('is less than the source has: nothing is started', () => {
    const { blockers } = plan('-m 8G', { ...short, resident: 5 * GiB });
    assert.deepEqual(codes(blockers), ['MEMORY_SHORT']);
    assert.match(blockers[0]?.message ?? '', /3\.00 GiB .* 8\.00 GiB .* 5\.00 GiB/);
  });

  it('is less than the guest may come to take: it is warned of', () => {
    const { blockers, warnings } = plan('-m 8G', short);
    assert.deepEqual(codes(blockers), []);
    assert.deepEqual(codes(warnings), ['MEMORY_SHORT']);
  });

  it('is counted in huge pages where the RAM lies in them', () => {
    const backend = '-object memory-backend-memfd,id=r,size=4G,hugetlb=on,hugetlbsize=1G';
    const definition = `-m 4G ${backend} -machine memory-backend=r`;
    const free = (pages: number) => ({ ...short, freeHugePages: new Map([[GiB, pages]]) });
    assert.deepEqual(codes(plan(definition, free(4)).blockers), []);
    assert.deepEqual(codes(plan(definition, free(3)).blockers), ['HUGE_PAGES_SHORT']);
    assert.deepEqual(codes(plan(`-m 4G -mem-path /dev/hugepages`, {}).blockers), []);
  });
});
