import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { look, needsBeat } from '../../worker/heartbeats/standing-loop.ts';

describe('who beats for a worker', () => {
  it('is the event loop itself while it turns, however slowly', () => {
    let sight = look(undefined, 1, 0);
    for (let turn = 2; turn < 100; turn += 1) {
      const now = turn * 500;
      sight = look(sight, turn, now);
      assert.equal(needsBeat(sight, { now, lastBeat: 0 }), false);
    }
  });

  it('is the thread within a second of the last turn, and once a second from then on', () => {
    const stood = look(undefined, 7, 10_000);
    const beats: number[] = [];
    for (let now = 10_000; now < 16_000; now += 200) {
      if (needsBeat(look(stood, 7, now), { now, lastBeat: beats.at(-1) ?? 0 })) beats.push(now - 10_000);
    }
    assert.ok((beats[0] ?? Infinity) < 1_000, String(beats));
    for (const [index, at] of beats.entries()) assert.ok(at - (beats[index - 1] ?? 0) <= 1_000, String(beats));
  });

  it('is nobody once the loop has stood still for a minute: that is no pause any more', () => {
    const stood = look(undefined, 7, 0);
    assert.equal(needsBeat(look(stood, 7, 59_000), { now: 59_000, lastBeat: 0 }), true);
    assert.equal(needsBeat(look(stood, 7, 60_000), { now: 60_000, lastBeat: 0 }), false);
  });
});
