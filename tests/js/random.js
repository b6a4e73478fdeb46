/**
 * Seeded random numbers for simulations that anybody can repeat.
 *
 * @param {number} seed
 * @returns {() => number}  uniform in [0, 1) (mulberry32 by Tommy Ettinger, public domain)
 */
export function seeded(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
